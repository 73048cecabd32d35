using System.Text.Json;
using KernelForge.Formats.IO;
using KernelForge.Manifests;

namespace KernelForge.Formats.HuggingFace;

/// <summary>
/// What a folder of sentence-transformers (https://www.sbert.net) does with an encoder's states: <c>modules.json</c> lists the modules, and pooling has a
/// <c>config.json</c> in a folder of its own. Which of them a model may have is for the compiler to say.
/// </summary>
internal sealed class SentenceModules
{
    private const string FileName = "modules.json";
    private const string PoolingType = ".Pooling";
    private const string Mode = "pooling_mode";

    private readonly List<string> _files = [];
    private readonly List<MetadataEntry> _metadata = [];

    private SentenceModules(string folder)
    {
        if (!Path.Exists(Path.Combine(folder, FileName)))
            return;
        _files.Add(FileName);
        using var document = JsonFile.Read(folder, FileName, JsonValueKind.Array).Document;
        var types = new List<string>();
        foreach (var module in document.RootElement.EnumerateArray())
        {
            var type = Text(folder, module, "type", types.Count);
            if (type.EndsWith(PoolingType, StringComparison.Ordinal))
                ReadPooling(folder, ConfigOf(folder, Text(folder, module, "path", types.Count), types.Count));
            types.Add(type);
        }

        Add("kernelforge.modules", types);
    }

    /// <summary>The files that say so, as paths in the folder; none for another folder.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary><c>kernelforge.modules</c>, types separated by commas, and <c>kernelforge.pooling</c>, the same of modes (<c>mean_tokens</c>).</summary>
    public IReadOnlyList<MetadataEntry> Metadata => _metadata;

    /// <summary>Reads those of a folder.</summary>
    /// <exception cref="ModelFormatException">What stands there are no modules.</exception>
    public static SentenceModules Read(string folder) => new(folder);

    private static string ConfigOf(string folder, string path, int index)
    {
        const string file = "config.json";
        if (path.Length == 0)
            return file;
        path = path.TrimEnd('/');
        return ContainedFile.IsBelow(path)
            ? $"{path}/{file}"
            : throw new ModelFormatException(Path.Combine(folder, FileName), $"'{path}' is not the name of a folder in the model's", $"[{index}].path");
    }

    // Each mode may be switched on by a name of its own; newer files have one name for the mode.
    private void ReadPooling(string folder, string name)
    {
        if (_files.Contains(name))
            throw new ModelFormatException(Path.Combine(folder, FileName), $"two modules read {name}", "path");
        _files.Add(name);
        using var document = JsonFile.Read(folder, name).Document;
        var modes = document.RootElement.EnumerateObject().Where(option => option.Name.StartsWith(Mode, StringComparison.Ordinal)).ToList();
        // Left out altogether it is the mean.
        Add("kernelforge.pooling", modes.Count == 0 ? ["mean_tokens"] : modes.Where(option => IsOn(folder, name, option)).Select(option => option.Name == Mode ? option.Value.GetString()! : option.Name[(Mode.Length + 1)..]));
        if (document.RootElement.TryGetProperty("include_prompt", out var includes) && includes.ValueKind == JsonValueKind.False)
            Add("kernelforge.pooling.without_prompt", ["true"]);
    }

    private static bool IsOn(string folder, string name, JsonProperty option) => (option.Name == Mode, option.Value.ValueKind) switch
    {
        (true, JsonValueKind.String) or (false, JsonValueKind.True) => true,
        (false, JsonValueKind.False) => false,
        (var isText, var kind) => throw new ModelFormatException(Path.Combine(folder, name), $"{(isText ? "text" : "true or false")} is expected and something of type {kind} stands there", option.Name),
    };

    private void Add(string key, IEnumerable<string> values) => _metadata.Add(new MetadataEntry(key, MetadataType.String, string.Join(',', values)));

    private static string Text(string folder, JsonElement module, string key, int index) =>
        module.ValueKind == JsonValueKind.Object && module.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new ModelFormatException(Path.Combine(folder, FileName), "every module is an object with the texts type and path", $"[{index}].{key}");
}
