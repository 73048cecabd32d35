namespace KernelForge.Text;

/// <summary>
/// Text to tokens: special tokens are found, what lies between them is normalized and cut into words, and words become tokens. Holds the memory that
/// this takes; belongs to one thread at a time.
/// </summary>
internal sealed class TextEncoder
{
    private readonly TokenizerPipeline _pipeline;
    private readonly Normalizer _normalizer;
    private readonly WordModel _model;
    private readonly Splitter _splitter;

    public TextEncoder(TokenizerPipeline pipeline)
    {
        _pipeline = pipeline;
        _normalizer = new Normalizer(pipeline.Normalizers);
        _model = WordModel.Create(pipeline.Tables);
        _splitter = new Splitter(pipeline.Splits, _model);
    }

    /// <summary>Whether its memory is worth keeping for the next text.</summary>
    public bool IsSmall => _model.IsSmall && _normalizer.IsSmall && _splitter.IsSmall;

    /// <summary>Bytes read and look-ups made so far: what its time is made of.</summary>
    public long Steps => _normalizer.BytesRead + _splitter.BytesRead + _model.Lookups;

    /// <summary>Appends the tokens of a text.</summary>
    public void Encode(ReadOnlySpan<byte> text, TrustMap trust, TokenBuffer tokens)
    {
        // Asked at the beginnings of segments, while the other is asked at every special token.
        var segmentTrust = trust;
        for (var done = 0; ;)
        {
            var id = _pipeline.Specials.Next(text, done, ref trust, out var range);
            var segment = text[done..(id < 0 ? text.Length : range.Start)];
            EncodeSegment(segment, done == 0, segmentTrust.TrustedFrom(done) >= segment.Length, tokens);
            if (id < 0)
                return;
            tokens.Add(id);
            done = range.End;
        }
    }

    /// <summary>Encodes text without special tokens in it, but for those that show in normalized text.</summary>
    private void EncodeSegment(ReadOnlySpan<byte> segment, bool isFirst, bool isTrusted, TokenBuffer tokens)
    {
        var text = _normalizer.Run(segment);
        isFirst &= !_normalizer.LostBeginning;
        if (_pipeline.NormalizedSpecials.IsEmpty)
        {
            _splitter.Append(text, isFirst, tokens);
            return;
        }

        var trust = TrustMap.Uniform(isTrusted);
        for (var done = 0; ;)
        {
            var id = _pipeline.NormalizedSpecials.Next(text, done, ref trust, out var range);
            _splitter.Append(text[done..(id < 0 ? text.Length : range.Start)], isFirst && done == 0, tokens);
            if (id < 0)
                return;
            tokens.Add(id);
            done = range.End;
        }
    }
}
