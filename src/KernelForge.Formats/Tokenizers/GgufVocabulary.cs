using KernelForge.Formats.Gguf;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>A byte-level vocabulary read from a GGUF file, with everything checked that using it relies on.</summary>
internal sealed class GgufVocabulary
{
    private const string Model = "tokenizer.ggml.model";
    private const string Pre = "tokenizer.ggml.pre";
    private const string TokenList = "tokenizer.ggml.tokens";
    private const string TypeList = "tokenizer.ggml.token_type";
    private const string MergeList = "tokenizer.ggml.merges";
    private const string ScoreList = "tokenizer.ggml.scores";

    /// <summary>GGUF's token types: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    private const int Control = 3;

    private readonly GgufFile _file;

    private GgufVocabulary(GgufFile file, PreTokenizer preTokenizer)
    {
        _file = file;
        PreTokenizer = preTokenizer;
        Tokens = ReadTokens(out var ids);
        Kinds = ReadKinds();
        Merges = ReadMerges(ids);
        CheckScores();
        BeginOfSequence = ReadId("tokenizer.ggml.bos_token_id");
        EndOfSequence = ReadId("tokenizer.ggml.eos_token_id");
        Unknown = ReadId("tokenizer.ggml.unknown_token_id");
        Padding = ReadId("tokenizer.ggml.padding_token_id");
        EndOfTurn = ReadId("tokenizer.ggml.eot_token_id");
        EndOfMessage = ReadId("tokenizer.ggml.eom_token_id");
        Flags = ReadFlags();
    }

    public PreTokenizer PreTokenizer { get; }

    public string[] Tokens { get; }

    public TokenKind[] Kinds { get; }

    public MergeSlot[] Merges { get; }

    public int BeginOfSequence { get; }

    public int EndOfSequence { get; }

    public int Unknown { get; }

    public int Padding { get; }

    public int EndOfTurn { get; }

    public int EndOfMessage { get; }

    public TokenizerFlags Flags { get; }

    public static bool IsPresent(GgufFile file) => file.Find(Model) is not null;

    /// <summary>The pre-tokenizer of a file whose tokenizer is supported.</summary>
    private static PreTokenizer Identify(GgufFile file)
    {
        var model = file.Require(Model);
        if (RequireText(file, model) is var name && name != "gpt2")
        {
            throw new ModelFormatException(file.Path, $"a tokenizer of model '{name}'; byte-level BPE ('gpt2') is supported", Model, model.Offset,
                "Use a model with a byte-level BPE vocabulary.");
        }

        var pre = file.Require(Pre);
        return RequireText(file, pre) switch
        {
            "gpt-2" => PreTokenizer.Gpt2,
            "smollm" => PreTokenizer.SmolLM,
            "llama-bpe" => PreTokenizer.LlamaBpe,
            "qwen2" => PreTokenizer.Qwen2,
            "deepseek-coder" => PreTokenizer.DeepSeekCoder,
            "falcon" => PreTokenizer.Falcon,
            var other => throw new ModelFormatException(file.Path,
                $"pre-tokenizer '{other}'; supported are gpt-2, smollm, llama-bpe, qwen2, deepseek-coder and falcon", Pre, pre.Offset,
                "Use a model with one of these, or convert the model again if its converter named the wrong one."),
        };
    }

    public static GgufVocabulary Read(GgufFile file) => new(file, Identify(file));

    private static string RequireText(GgufFile file, GgufValue value) => value.Type == GgufType.String
        ? value.Text()
        : throw new ModelFormatException(file.Path, $"text is expected and the type is {value.Type}", value.Key, value.Offset);

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

    private TokenKind[] ReadKinds()
    {
        var kinds = new TokenKind[Tokens.Length];
        if (_file.Find(TypeList) is not { } list)
            return kinds;
        if (list.Type != GgufType.Array || !list.IsInteger)
            throw Error($"a list of integers is expected and the type is {list.Type} of {list.ElementType}", list);
        if (list.Count != Tokens.Length)
            throw Error($"{list.Count:N0} token types for {Tokens.Length:N0} tokens", list);
        for (var i = 0; i < kinds.Length; i++)
        {
            kinds[i] = list.Integer(i) switch
            {
                1 or 5 or 6 => TokenKind.Normal,
                2 or Control => TokenKind.Control,
                4 => TokenKind.UserDefined,
                var other => throw Error($"token {i} has type {other}; types are 1 to 6", list),
            };
        }

        return kinds;
    }

    private MergeSlot[] ReadMerges(Dictionary<string, uint> ids)
    {
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

    /// <summary>Scores mean nothing to byte-pair merging, but where a file has them they must be sound.</summary>
    private void CheckScores()
    {
        if (_file.Find(ScoreList) is not { } list)
            return;
        if (list.Type != GgufType.Array || !list.IsFloat || list.Count != Tokens.Length)
            throw Error($"{list.Count:N0} scores of type {list.ElementType} for {Tokens.Length:N0} tokens", list);
        for (var i = 0; i < list.Count; i++)
        {
            if (!double.IsFinite(list.Float(i)))
                throw Error($"the score of token {i} is not a finite number", list);
        }
    }

    private int ReadId(string key)
    {
        if (_file.Find(key) is not { } value)
            return -1;
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

    private TokenizerFlags ReadFlags()
    {
        var flags = PreTokenizer switch
        {
            PreTokenizer.Qwen2 => TokenizerFlags.NormalizeComposed,
            PreTokenizer.LlamaBpe => TokenizerFlags.WholeWords,
            _ => TokenizerFlags.None,
        };
        if (ReadBoolean("tokenizer.ggml.add_bos_token", absent: PreTokenizer == PreTokenizer.LlamaBpe))
            flags |= TokenizerFlags.AddBeginOfSequence;
        if (ReadBoolean("tokenizer.ggml.add_eos_token", absent: false))
            flags |= TokenizerFlags.AddEndOfSequence;
        return flags;
    }

    private bool ReadBoolean(string key, bool absent)
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
