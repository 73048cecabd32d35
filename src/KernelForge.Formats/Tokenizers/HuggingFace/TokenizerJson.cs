using System.Text;
using KernelForge.Formats.HuggingFace;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads <c>tokenizer.json</c> of Hugging Face's tokenizers, and the files beside it that name its special tokens.</summary>
internal sealed class TokenizerJson
{
    /// <summary>Ids beyond this are refused before memory is taken for them.</summary>
    public const int LastPossibleId = 1 << 22;

    private readonly ModelReader _model;
    private readonly AddedTokens _added;
    private readonly DecoderReader _decoder;
    private readonly bool _isByteLevel;
    private readonly byte[][] _texts;
    private readonly byte[][] _words;
    private readonly byte[] _kinds;

    private TokenizerJson(TokenizerElement root)
    {
        _model = ModelReader.Read(root.Require("model"));
        _added = AddedTokens.Read(root.Find("added_tokens"));
        _decoder = DecoderReader.Read(root.Find("decoder"));
        Normalizers = NormalizerReader.Read(root.Find("normalizer"), out var isByteLevel);
        var preTokenizer = PreTokenizerReader.Read(root.Find("pre_tokenizer"), isByteLevel);
        Splits = preTokenizer.Steps;
        Around = PostProcessorReader.Read(root.Find("post_processor"));
        _isByteLevel = preTokenizer.IsByteLevel;
        if (_isByteLevel && _model.Type != "BPE")
            throw root.Require("model").NotSupported($"ByteLevel with the model {_model.Type}");
        var count = Math.Max(_model.LastId, _added.LastId) + 1;
        if (count == 0)
            throw root.Require("model").Error("the vocabulary is empty");
        foreach (var id in Around.Before.Concat(Around.After))
        {
            if (id >= count)
                throw root.Require("post_processor").Error($"token id {id} in a vocabulary of {count:N0}");
        }

        (_texts, _words, _kinds) = (new byte[count][], new byte[count][], new byte[count]);
    }

    private List<TokenizerStep> Normalizers { get; }

    private IReadOnlyList<TokenizerStep> Splits { get; }

    private PostProcessorReader Around { get; }

    /// <summary>The tokenizer of a file.</summary>
    /// <exception cref="ModelFormatException">It is damaged or not supported.</exception>
    public static TokenizerModel Read(string path)
    {
        using var document = JsonFile.Read(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path)).Document;
        return new TokenizerJson(new TokenizerElement(path, "", document.RootElement)).Build(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private TokenizerModel Build(string folder)
    {
        var byteTokens = FillVocabulary();
        var ids = SpecialIds.Of(folder, Find);
        var normalized = AddTokens(ids);
        foreach (var id in ids.Ends.Where(id => id < _kinds.Length))
            _kinds[id] |= TokenizerLayout.EndOfGeneration;
        var flags = _model.Flags();
        if (_decoder.StripsFirstSpace)
            flags |= TokenizerFlags.StripsFirstSpace;
        if (_decoder.CleansSpaces)
            flags |= TokenizerFlags.CleansSpaces;
        var matchesText = _texts.Zip(_words).All(static pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        var isBytePair = _model.Type == "BPE";
        return new TokenizerModel
        {
            Algorithm = _isByteLevel ? TokenizerAlgorithm.ByteBytePair
                : isBytePair ? TokenizerAlgorithm.CharacterBytePair
                : _model.Type == "Unigram" ? TokenizerAlgorithm.Unigram : TokenizerAlgorithm.WordPiece,
            Flags = flags,
            Texts = _texts,
            Words = matchesText ? _texts : _words,
            Kinds = _kinds,
            Normalized = normalized,
            ByteTokens = _isByteLevel ? TokenizerModel.FindByteTokens(_words, _kinds) : byteTokens,
            Merges = isBytePair ? _model.ReadMerges() : [],
            Scores = Scores(),
            Normalizers = Normalizers,
            Splits = Splits,
            Before = Around.Before,
            After = Around.After,
            BeginOfSequence = ids.Begin >= 0 ? ids.Begin : Around.Before is [var first, ..] ? first : -1,
            EndOfSequence = ids.End < _kinds.Length ? ids.End : -1,
            Unknown = _model.Unknown,
            Padding = ids.Padding,
            LongestInput = _model.Type == "WordPiece" ? _model.LongestInput() : 0,
        };
    }

    private double[] Scores() => _model.Type != "Unigram"
        ? []
        : [.. _model.Scores, .. Enumerable.Repeat(0.0, _kinds.Length - _model.Scores.Count), _model.Scores.DefaultIfEmpty().Min() - 10];

    private int Find(string content) => _added.Find(content) is var id and >= 0 ? id : _model.Ids.GetValueOrDefault(content, -1);

    /// <summary>What the model's own tokens match and decode to; returns the tokens of single bytes.</summary>
    private int[] FillVocabulary()
    {
        Array.Fill(_texts, []);
        Array.Fill(_words, []);
        var byteTokens = TokenizerModel.FindByteTokens([], []);
        var prefix = _model.Type == "WordPiece" ? _model.ContinuingPrefix() : "";
        foreach (var (spelling, id) in _model.Ids)
        {
            var value = ModelReader.ByteOf(spelling);
            var utf8 = Encoding.UTF8.GetBytes(spelling);
            if (_isByteLevel)
                _texts[id] = _words[id] = ByteAlphabet.Decode(spelling) ?? utf8;
            else if (_model.Type == "WordPiece")
                _texts[id] = _words[id] = Encoding.UTF8.GetBytes(spelling.StartsWith(prefix, StringComparison.Ordinal) ? spelling[prefix.Length..] : " " + spelling);
            else
                (_words[id], _texts[id]) = (utf8, _decoder.SpaceMark is { } mark ? Encoding.UTF8.GetBytes(spelling.Replace(mark, " ", StringComparison.Ordinal)) : utf8);
            if (value < 0 || _isByteLevel)
                continue;
            if (_model.FallsBackToBytes)
                (byteTokens[value], _words[id]) = (id, []);
            if (_decoder.HasBytes)
                _texts[id] = [(byte)value];
        }

        return byteTokens;
    }

    /// <summary>The added tokens; returns those that are sought in normalized text.</summary>
    private HashSet<int> AddTokens(SpecialIds ids)
    {
        var normalized = new HashSet<int>();
        using var normalizer = new StepRunner(Normalizers);
        foreach (var (id, content, kind, isNormalized) in _added.All)
        {
            _kinds[id] = kind;
            _texts[id] = _words[id] = Encoding.UTF8.GetBytes(content);
            if (ControlTokens.EndsGeneration(content))
                _kinds[id] |= TokenizerLayout.EndOfGeneration;
            if (!isNormalized || Normalizers.Count == 0)
                continue;

            // A control token that normalizing leaves as it is, is found in the text as it comes, where it is known who wrote it.
            var word = normalizer.Run(_words[id]);
            var isGuarded = (kind & TokenizerLayout.KindMask) == (byte)TokenKind.Control || ids.Ends.Contains(id);
            if (isGuarded && word.AsSpan().SequenceEqual(_words[id]))
                continue;
            normalized.Add(id);
            _words[id] = word;
        }

        // What a text is made of must not be one that stands for no text.
        if (_model.Unknown >= 0 && _kinds[_model.Unknown] == (byte)TokenKind.Normal)
            (_kinds[_model.Unknown], _words[_model.Unknown]) = ((byte)TokenKind.Control, []);
        return normalized;
    }
}
