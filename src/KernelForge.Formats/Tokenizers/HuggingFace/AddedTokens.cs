using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads the <c>added_tokens</c> of <c>tokenizer.json</c>.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<int, (string Content, byte Kind, bool IsNormalized)> _tokens = [];

    private AddedTokens()
    {
    }

    /// <summary>The highest id, or -1.</summary>
    public int LastId { get; private set; } = -1;

    /// <summary>The ids, contents, kinds with flags, and whether they are sought in normalized text.</summary>
    public IEnumerable<(int Id, string Content, byte Kind, bool IsNormalized)> All =>
        _tokens.Select(static token => (token.Key, token.Value.Content, token.Value.Kind, token.Value.IsNormalized));

    public static AddedTokens Read(TokenizerElement? list)
    {
        var tokens = new AddedTokens();
        foreach (var item in list?.Items() ?? [])
            tokens.Add(item);
        return tokens;
    }

    /// <summary>The id of a content, or -1.</summary>
    public int Find(string content)
    {
        foreach (var (id, token) in _tokens)
        {
            if (token.Content == content)
                return id;
        }

        return -1;
    }

    private void Add(TokenizerElement item)
    {
        var (id, content) = (item.Require("id").AsId(), item.RequiredText("content"));
        if (id > TokenizerJson.LastPossibleId)
            throw item.Error($"token id {id} is larger than any vocabulary");
        var isControl = item.Flag("special", absent: false) || ControlTokens.IsControl(content);
        var kind = (byte)(isControl ? TokenKind.Control : TokenKind.UserDefined);
        if (item.Flag("lstrip", absent: false))
            kind |= TokenizerLayout.StripsLeft;
        if (item.Flag("rstrip", absent: false))
            kind |= TokenizerLayout.StripsRight;
        if (item.Flag("single_word", absent: false))
            kind |= TokenizerLayout.SingleWord;
        if (!_tokens.TryAdd(id, (content, kind, item.Flag("normalized", absent: !isControl))))
            throw item.Error($"token {id} is added twice");
        LastId = Math.Max(LastId, id);
    }
}
