namespace KernelForge.Architectures;

/// <summary>
/// A hyper-parameter in both spellings: what follows the architecture's name in GGUF, and the names that <c>config.json</c> may give it (a path
/// where it lies in an inner object), the first that is there. Text alone is a whole key of either.
/// </summary>
internal readonly struct Key
{
    private readonly string? _literal;
    private readonly string? _gguf;
    private readonly string[] _config;

    public Key(string? gguf, params string[] config) => (_literal, _gguf, _config) = (null, gguf, config);

    private Key(string literal) => (_literal, _gguf, _config) = (literal, null, []);

    public static implicit operator Key(string literal) => new(literal);

    /// <summary>The manifest's keys that it may stand under, the likeliest first.</summary>
    public IEnumerable<string> Names(string architecture, bool isFolder)
    {
        if (_literal is not null)
            return [_literal];
        if (isFolder)
            return _config.Select(name => FolderConfig.Prefix + name);
        return _gguf is null ? [] : [architecture + "." + _gguf];
    }
}
