using KernelForge.Formats.Gguf;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>What a GGUF file says of its tokenizer, with everything checked that using it relies on.</summary>
internal sealed class GgufVocabulary
{
    private const string ModelKey = "tokenizer.ggml.model";
    private const string TokenList = "tokenizer.ggml.tokens";
    private const string TypeList = "tokenizer.ggml.token_type";
    private const string MergeList = "tokenizer.ggml.merges";
    private const string ScoreList = "tokenizer.ggml.scores";

    private readonly GgufFile _file;

    private GgufVocabulary(GgufFile file)
    {
        _file = file;
        Tokens = ReadTokens(out var ids);
        Ids = ids;
        Types = ReadTypes();
        Scores = ReadScores();
        Name = RequireText(file.Require(ModelKey));
        Architecture = file.Find("general.architecture") is { Type: GgufType.String } architecture ? architecture.Text() : "";
        EndOfTurn = ReadId("tokenizer.ggml.eot_token_id");
        EndOfMessage = ReadId("tokenizer.ggml.eom_token_id");
    }

    /// <summary>The kind of model: <c>gpt2</c>, <c>llama</c>, ...</summary>
    public string Name { get; }

    /// <summary>The architecture of the whole model, or nothing.</summary>
    public string Architecture { get; }

    /// <summary>The tokens as they are spelled.</summary>
    public string[] Tokens { get; }

    /// <summary>Their ids.</summary>
    public Dictionary<string, uint> Ids { get; }

    /// <summary>Their types, or all normal where the file lists none.</summary>
    public GgufTokenType[] Types { get; }

    /// <summary>Their scores, or null where the file has none.</summary>
    public double[]? Scores { get; }

    private int EndOfTurn { get; }

    private int EndOfMessage { get; }

    /// <summary>The vocabulary of a file, or null where the file has none.</summary>
    /// <exception cref="ModelFormatException">It is damaged; a vocabulary without its kind is.</exception>
    public static GgufVocabulary? Read(GgufFile file)
    {
        if (!file.Metadata.Any(value => value.Key.StartsWith("tokenizer.ggml.", StringComparison.Ordinal)))
            return null;
        return IsNone(file.Require(ModelKey)) ? null : new GgufVocabulary(file);
    }

    /// <summary>Kind and flags of each token. One that begins texts, marks a gap or ends a text is a control token even where the file lists it as a user's word.</summary>
    public byte[] Kinds(int beginOfSequence, int endOfSequence)
    {
        var kinds = new byte[Tokens.Length];
        for (var id = 0; id < kinds.Length; id++)
        {
            var kind = Types[id] switch
            {
                GgufTokenType.Unknown or GgufTokenType.Control => TokenKind.Control,
                GgufTokenType.UserDefined when id == beginOfSequence || ControlTokens.IsControl(Tokens[id]) => TokenKind.Control,
                GgufTokenType.UserDefined => TokenKind.UserDefined,
                _ => TokenKind.Normal,
            };
            var ends = id == endOfSequence || id == EndOfTurn || id == EndOfMessage || (kind != TokenKind.Normal && ControlTokens.EndsGeneration(Tokens[id]));
            kinds[id] = (byte)((int)kind | (ends ? TokenizerLayout.EndOfGeneration : 0));
        }

        return kinds;
    }

    /// <summary>A key's text, which must be there.</summary>
    public string RequireText(string key) => RequireText(_file.Require(key));

    /// <summary>A key's value, or null.</summary>
    public GgufValue? Find(string key) => _file.Find(key);

    /// <summary>The error that a component of the tokenizer is not supported.</summary>
    public ModelFormatException NotSupported(string key, string problem, string remedy) =>
        new(_file.Path, problem, key, _file.Find(key)?.Offset ?? 0, remedy);

    // Written by converters for models that work on token ids only.
    private static bool IsNone(GgufValue model) => model.Type == GgufType.String && model.Text() is "none" or "no_vocab";

    private string RequireText(GgufValue value) => value.Type == GgufType.String
        ? value.Text()
        : throw Error($"text is expected and the type is {value.Type}", value);

    private string[] ReadTokens(out Dictionary<string, uint> ids)
    {
        var list = RequireList(TokenList, GgufType.String);
        if (list.Count == 0)
            throw Error("the list of tokens is empty", list);
        if (_file.FindTensor("token_embd.weight") is { } embedding && embedding.Rows != list.Count)
            throw Error($"{list.Count:N0} tokens for an embedding of {embedding.Rows:N0} rows", list);

        var tokens = new string[list.Count];
        ids = new Dictionary<string, uint>(list.Count, StringComparer.Ordinal);
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = list.Text(i);
            if (!ids.TryAdd(tokens[i], (uint)i))
                throw Error($"tokens {ids[tokens[i]]} and {i} are the same text", list);
        }

        return tokens;
    }

    private GgufTokenType[] ReadTypes()
    {
        var types = new GgufTokenType[Tokens.Length];
        Array.Fill(types, GgufTokenType.Normal);
        if (_file.Find(TypeList) is not { } list)
            return types;
        if (list.Type != GgufType.Array || !list.IsInteger)
            throw Error($"a list of integers is expected and the type is {list.Type} of {list.ElementType}", list);
        if (list.Count != Tokens.Length)
            throw Error($"{list.Count:N0} token types for {Tokens.Length:N0} tokens", list);
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = list.Integer(i) is >= 1 and <= 6
                ? (GgufTokenType)list.Integer(i)
                : throw Error($"token {i} has type {list.Integer(i)}; types are 1 to 6", list);
        }

        return types;
    }

    /// <summary>The list of merges.</summary>
    public MergeSlot[] ReadMerges()
    {
        var ids = Ids;
        var list = RequireList(MergeList, GgufType.String);
        var merges = new MergeSlot[list.Count];
        var seen = new HashSet<(uint, uint)>(list.Count);
        for (var i = 0; i < merges.Length; i++)
        {
            var parts = list.Text(i).Split(' ');
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                throw Error($"merge {i} is not two parts with a space between", list);
            if (!ids.TryGetValue(parts[0], out var left) || !ids.TryGetValue(parts[1], out var right) || !ids.TryGetValue(parts[0] + parts[1], out var result))
                throw Error($"merge {i} has a part or a result that is no token", list);
            if (!seen.Add((left, right)))
                throw Error($"merge {i} stands in the list twice", list);
            merges[i] = new MergeSlot { Left = left, Right = right, Rank = (uint)i, Result = result };
        }

        return merges;
    }

    private double[]? ReadScores()
    {
        if (_file.Find(ScoreList) is not { } list)
            return null;
        if (list.Type != GgufType.Array || !list.IsFloat || list.Count != Tokens.Length)
            throw Error($"{list.Count:N0} scores of type {list.ElementType} for {Tokens.Length:N0} tokens", list);
        var scores = new double[list.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = list.Float(i);
            if (!double.IsFinite(scores[i]))
                throw Error($"the score of token {i} is not a finite number", list);
        }

        return scores;
    }

    /// <summary>A token id under a key; where the key is missing, the one given if the vocabulary has it, or -1.</summary>
    public int ReadId(string key, int absent = -1)
    {
        if (_file.Find(key) is not { } value)
            return absent < Tokens.Length ? absent : -1;
        if (value.Type == GgufType.Array || !value.IsInteger)
            throw Error($"a token id is expected and the type is {value.Type}", value);
        var id = value.Integer();

        // -1, also written unsigned, says that there is none.
        if (id is -1 or uint.MaxValue)
            return -1;
        if (id < 0 || id >= Tokens.Length)
            throw Error($"token id {id} in a vocabulary of {Tokens.Length:N0}", value);
        return (int)id;
    }

    /// <summary>True or false under a key.</summary>
    public bool ReadBoolean(string key, bool absent)
    {
        if (_file.Find(key) is not { } value)
            return absent;
        return value.Type == GgufType.Boolean ? value.Boolean() : throw Error($"true or false is expected and the type is {value.Type}", value);
    }

    private GgufValue RequireList(string key, GgufType elementType)
    {
        var list = _file.Require(key);
        return list.Type == GgufType.Array && list.ElementType == elementType
            ? list
            : throw Error($"a list of {elementType} is expected and the type is {list.Type} of {list.ElementType}", list);
    }

    private ModelFormatException Error(string problem, GgufValue value) => new(_file.Path, problem, value.Key, value.Offset);
}
