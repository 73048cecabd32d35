using System.Globalization;
using System.Text;
using KernelForge.Formats.Gguf;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>SentencePiece vocabularies from a GGUF file: byte pairs by scores (<c>llama</c>), byte pairs by merges (<c>gemma4</c>), unigrams (<c>t5</c>).</summary>
internal static class GgufSentencePiece
{
    private const string AddSpaceKey = "tokenizer.ggml.add_space_prefix";
    private const string CharsmapKey = "tokenizer.ggml.precompiled_charsmap";

    /// <summary>How much less probable than any token an unknown character is (SentencePiece's constant).</summary>
    private const double UnknownPenalty = 10;

    public static TokenizerModel ReadBytePair(GgufVocabulary vocabulary)
    {
        var ids = new Ids(vocabulary, begin: 1, end: 2, unknown: 0, padding: -1);
        var (texts, words, kinds) = ReadTokens(vocabulary, ids);
        if (vocabulary.Architecture == "phi3")
            AddStrips(vocabulary, ids, kinds);
        var scores = vocabulary.Scores ?? throw vocabulary.NotSupported("tokenizer.ggml.scores", "a required key is missing", "Convert the model again.");
        return Build(vocabulary, TokenizerAlgorithm.CharacterBytePair, ids, texts, words, kinds, addsBegin: true, addsEnd: false, ScoredMerges.Derive(words, kinds, scores), [],
            vocabulary.ReadBoolean(AddSpaceKey, absent: true), []);
    }

    public static TokenizerModel ReadMerged(GgufVocabulary vocabulary)
    {
        var ids = new Ids(vocabulary, begin: -1, end: -1, unknown: -1, padding: -1);
        var (texts, words, kinds) = ReadTokens(vocabulary, ids);
        return Build(vocabulary, TokenizerAlgorithm.CharacterBytePair, ids, texts, words, kinds, addsBegin: true, addsEnd: false, vocabulary.ReadMerges(), [],
            vocabulary.ReadBoolean(AddSpaceKey, absent: false), []);
    }

    public static TokenizerModel ReadUnigram(GgufVocabulary vocabulary)
    {
        var ids = new Ids(vocabulary, begin: -1, end: 1, unknown: 2, padding: 0);
        var (texts, words, kinds) = ReadTokens(vocabulary, ids);
        var scores = vocabulary.Scores ?? throw vocabulary.NotSupported("tokenizer.ggml.scores", "a required key is missing", "Convert the model again.");
        var lowest = scores.Where((_, id) => vocabulary.Types[id] == GgufTokenType.Normal).DefaultIfEmpty().Min();
        var normalizers = new List<TokenizerStep>();
        if (vocabulary.Find(CharsmapKey) is { } charsmap)
            normalizers.Add(TokenizerStep.Charsmap(ReadBytes(vocabulary, charsmap), longest: true));
        if (vocabulary.ReadBoolean("tokenizer.ggml.remove_extra_whitespaces", absent: true))
        {
            normalizers.Add(TokenizerStep.Strip(left: true, right: true));
            normalizers.Add(TokenizerStep.Replace(Parser.Parse(" {2,}"), " "));
        }

        return Build(vocabulary, TokenizerAlgorithm.Unigram, ids, texts, words, kinds, addsBegin: false, addsEnd: true, [], [.. scores, lowest - UnknownPenalty],
            vocabulary.ReadBoolean(AddSpaceKey, absent: true), normalizers);
    }

    private static TokenizerModel Build(
        GgufVocabulary vocabulary, TokenizerAlgorithm algorithm, Ids ids, byte[][] texts, byte[][] words, byte[] kinds,
        bool addsBegin, bool addsEnd, MergeSlot[] merges, double[] scores, bool addsSpace, List<TokenizerStep> normalizers)
    {
        if (addsSpace)
            normalizers.Add(TokenizerStep.Prepend(TokenizerStep.SpaceMark));
        normalizers.Add(TokenizerStep.Replace(TokenizerStep.Literal(" "), TokenizerStep.SpaceMark));
        var byteTokens = ReadByteTokens(vocabulary);
        var flags = TokenizerFlags.FuseUnknown | TokenizerFlags.WritesUnknown;
        if (Array.Exists(byteTokens, static id => id >= 0))
            flags |= TokenizerFlags.ByteFallback;
        if (addsSpace)
            flags |= TokenizerFlags.StripsFirstSpace;
        return new TokenizerModel
        {
            Algorithm = algorithm,
            Flags = flags,
            Texts = texts,
            Words = words,
            Kinds = kinds,
            ByteTokens = byteTokens,
            Merges = merges,
            Scores = scores,
            Normalizers = normalizers,
            Splits = algorithm == TokenizerAlgorithm.CharacterBytePair && vocabulary.Name == "gemma4" ? [TokenizerStep.Split("[^\\n]+|[\\n]+")] : [],
            Before = ids.Begin >= 0 && vocabulary.ReadBoolean("tokenizer.ggml.add_bos_token", addsBegin) ? [ids.Begin] : [],
            After = ids.End >= 0 && vocabulary.ReadBoolean("tokenizer.ggml.add_eos_token", addsEnd) ? [ids.End] : [],
            BeginOfSequence = ids.Begin,
            EndOfSequence = ids.End,
            Unknown = ids.Unknown,
            Padding = ids.Padding,
        };
    }

    private static (byte[][] Texts, byte[][] Words, byte[] Kinds) ReadTokens(GgufVocabulary vocabulary, Ids ids)
    {
        var kinds = vocabulary.Kinds(ids.Begin, ids.End);
        var texts = new byte[kinds.Length][];
        var words = new byte[kinds.Length][];
        for (var id = 0; id < kinds.Length; id++)
        {
            var spelled = vocabulary.Tokens[id];
            words[id] = vocabulary.Types[id] == GgufTokenType.Byte ? [] : Encoding.UTF8.GetBytes(spelled);
            texts[id] = vocabulary.Types[id] == GgufTokenType.Byte ? [ByteOf(vocabulary, id)]
                : (kinds[id] & TokenizerLayout.KindMask) == (byte)TokenKind.Normal ? Encoding.UTF8.GetBytes(spelled.Replace(TokenizerStep.SpaceMark, " ", StringComparison.Ordinal))
                : words[id];
        }

        return (texts, words, kinds);
    }

    private static int[] ReadByteTokens(GgufVocabulary vocabulary)
    {
        var tokens = new int[256];
        Array.Fill(tokens, -1);
        for (var id = 0; id < vocabulary.Tokens.Length; id++)
        {
            if (vocabulary.Types[id] == GgufTokenType.Byte)
                tokens[ByteOf(vocabulary, id)] = id;
        }

        return tokens;
    }

    private static byte ByteOf(GgufVocabulary vocabulary, int id) =>
        vocabulary.Tokens[id] is ['<', '0', 'x', _, _, '>'] spelled && byte.TryParse(spelled.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw vocabulary.NotSupported("tokenizer.ggml.tokens", $"token {id} is a byte and is spelled '{vocabulary.Tokens[id]}'; bytes are spelled like <0x0A>", "Convert the model again.");

    /// <summary>White space behind a special token of Phi 3 belongs to it; GGUF has no place to say so.</summary>
    private static void AddStrips(GgufVocabulary vocabulary, Ids ids, byte[] kinds)
    {
        for (var id = 0; id < kinds.Length; id++)
        {
            var isSpecial = (kinds[id] & TokenizerLayout.KindMask) != (byte)TokenKind.Normal;
            if (isSpecial && id != ids.Begin && id != ids.Unknown && vocabulary.Tokens[id] != "<|endoftext|>")
                kinds[id] |= TokenizerLayout.StripsRight;
        }
    }

    private static byte[] ReadBytes(GgufVocabulary vocabulary, GgufValue value)
    {
        if (value.Type != GgufType.Array || value.ElementType is not (GgufType.Int8 or GgufType.UInt8) || value.Count < sizeof(uint))
            throw vocabulary.NotSupported(CharsmapKey, $"a list of bytes is expected and the type is {value.Type} of {value.ElementType}", "Convert the model again.");
        var bytes = new byte[value.Count];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)value.Integer(i);
        if (!Charsmap.IsSound(bytes))
            throw vocabulary.NotSupported(CharsmapKey, "this map of characters is damaged: it is too short, or leads out of itself", "Convert the model again.");
        return bytes;
    }

    private readonly record struct Ids(int Begin, int End, int Unknown, int Padding)
    {
        public Ids(GgufVocabulary vocabulary, int begin, int end, int unknown, int padding)
            : this(
                vocabulary.ReadId("tokenizer.ggml.bos_token_id", begin), vocabulary.ReadId("tokenizer.ggml.eos_token_id", end),
                vocabulary.ReadId("tokenizer.ggml.unknown_token_id", unknown), vocabulary.ReadId("tokenizer.ggml.padding_token_id", padding))
        {
        }
    }
}
