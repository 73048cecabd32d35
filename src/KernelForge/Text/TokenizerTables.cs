namespace KernelForge.Text;

/// <summary>
/// The mapped <c>tokenizer</c> section. Loading checks that every table lies inside it; what the tables hold is checked where it is used, so that a
/// damaged file is an error and never an access outside of it.
/// </summary>
internal sealed unsafe class TokenizerTables
{
    private readonly byte* _section;
    private readonly long _length;
    private readonly uint* _textStarts;
    private readonly byte* _text;
    private readonly uint* _wordStarts;
    private readonly byte* _words;
    private readonly byte* _kinds;
    private readonly int* _bytes;
    private readonly MergeSlot* _merges;
    private readonly uint* _vocabulary;
    private readonly uint* _specials;
    private readonly double* _scores;
    private readonly StepSlot* _steps;
    private readonly int* _around;

    public TokenizerTables(byte* section, long length)
    {
        if (section == null || length < TokenizerHeader.Size)
            throw Damaged($"it has {length} bytes, its header alone needs {TokenizerHeader.Size}", 0);
        _section = section;
        _length = length;
        Header = *(TokenizerHeader*)section;
        if (Header.Magic != TokenizerLayout.Magic)
            throw Damaged("it does not begin with KFTOKEN2", 0);
        if (Header.Algorithm is < TokenizerAlgorithm.ByteBytePair or > TokenizerAlgorithm.WordPiece)
            throw Damaged($"it asks for algorithm {(uint)Header.Algorithm}, which this version does not have", 8);
        if (Header.Flags > TokenizerFlags.All)
            throw Damaged($"it has flags {(uint)Header.Flags}, which this version does not have", 12);
        if (Header.Tokens is 0 or > int.MaxValue / 4 || Header.MergeCapacity == 0 || Header.VocabularyCapacity == 0)
            throw Damaged($"it has {Header.Tokens} tokens, {Header.MergeCapacity} merge slots, {Header.VocabularyCapacity} vocabulary slots", 16);
        if (Header.Normalizers > 64 || Header.Splits > 64)
            throw Damaged($"it has {Header.Normalizers} and {Header.Splits} steps", 76);

        _textStarts = (uint*)Table(Header.TextStarts, (ulong)Header.Tokens + 1, sizeof(uint), "text starts");
        _text = Table(Header.Text, Header.TextLength, 1, "text");
        _wordStarts = Header.WordLength == 0 ? _textStarts : (uint*)Table(Header.WordStarts, (ulong)Header.Tokens + 1, sizeof(uint), "word starts");
        _words = Header.WordLength == 0 ? _text : Table(Header.Words, Header.WordLength, 1, "words");
        _kinds = Table(Header.Kinds, Header.Tokens, 1, "kinds");
        _bytes = (int*)Table(Header.Bytes, 256, sizeof(int), "byte tokens");
        _merges = (MergeSlot*)Table(Header.Merges, Header.MergeCapacity, (uint)sizeof(MergeSlot), "merges");
        _vocabulary = (uint*)Table(Header.Vocabulary, Header.VocabularyCapacity, sizeof(uint), "vocabulary");
        _specials = (uint*)Table(Header.SpecialIds, (ulong)Header.Specials + Header.NormalizedSpecials, sizeof(uint), "special tokens");
        _scores = Header.Algorithm == TokenizerAlgorithm.Unigram ? (double*)Table(Header.Scores, (ulong)Header.Tokens + 1, sizeof(double), "scores") : null;
        _steps = (StepSlot*)Table(Header.Steps, (ulong)Header.Normalizers + Header.Splits, (uint)sizeof(StepSlot), "steps");
        _around = (int*)Table(Header.Around, (ulong)Header.Before + Header.After, sizeof(int), "tokens around a text");

        foreach (var id in (ReadOnlySpan<int>)[Header.BeginOfSequence, Header.EndOfSequence, Header.Unknown, Header.Padding])
            CheckIdOrNone(id);
        foreach (var id in new ReadOnlySpan<int>(_bytes, 256))
            CheckIdOrNone(id);
        foreach (var id in new ReadOnlySpan<uint>(_specials, (int)(Header.Specials + Header.NormalizedSpecials)))
            CheckId(id);
        foreach (var id in new ReadOnlySpan<uint>((uint*)_around, (int)(Header.Before + Header.After)))
            CheckId(id);
    }

    public TokenizerHeader Header { get; }

    /// <summary>Tokens that the model expects before a text.</summary>
    public ReadOnlySpan<int> Before => new(_around, (int)Header.Before);

    /// <summary>Tokens that the model expects behind a text.</summary>
    public ReadOnlySpan<int> After => new(_around + Header.Before, (int)Header.After);

    /// <summary>What a token decodes to; its id is in range.</summary>
    public ReadOnlySpan<byte> TextOf(uint id) => Slice(id, _textStarts, _text, Header.TextLength);

    /// <summary>What a token matches; its id is in range.</summary>
    public ReadOnlySpan<byte> WordOf(uint id) => Slice(id, _wordStarts, _words, Header.WordLength == 0 ? Header.TextLength : Header.WordLength);

    /// <summary>What a token is, and whether it ends an answer.</summary>
    public byte KindOf(uint id) => _kinds[id];

    /// <summary>The logarithm of a token's probability; behind the last token: of what has no token.</summary>
    public double ScoreOf(uint id) => _scores[id];

    /// <summary>The token of a single byte, or -1.</summary>
    public int TokenOfByte(byte value) => _bytes[value];

    /// <summary>The id of special token number <paramref name="index"/>; those of the normalized text come last.</summary>
    public uint Special(int index) => _specials[index];

    /// <summary>A step and its data; the normalizers come first.</summary>
    public StepSlot Step(int index, out byte* data)
    {
        var step = _steps[index];
        if (step.Offset > (ulong)_length || step.Length > (ulong)_length - step.Offset || step.Offset % 8 != 0)
            throw Damaged($"the {step.Length} bytes of step {index} at {step.Offset} do not fit its {_length} bytes", (long)Header.Steps);
        data = _section + step.Offset;
        return step;
    }

    /// <summary>The merge of a pair, or null.</summary>
    public MergeSlot* FindMerge(uint left, uint right)
    {
        var capacity = Header.MergeCapacity;
        var slot = TokenizerLayout.MergeSlot(left, right, capacity);
        for (var probes = 0u; probes < capacity; probes++)
        {
            var merge = _merges + slot;
            if (merge->Left == left && merge->Right == right)
            {
                CheckId(merge->Result);
                return merge;
            }

            if (merge->Left == TokenizerLayout.Empty)
                return null;
            slot = slot + 1 == capacity ? 0 : slot + 1;
        }

        return null;
    }

    /// <summary>The ordinary token that matches exactly these bytes, or -1.</summary>
    public int FindToken(ReadOnlySpan<byte> bytes) => FindToken(bytes, TokenizerLayout.Hash(bytes));

    /// <summary>The ordinary token that matches exactly these bytes, whose hash is known, or -1.</summary>
    public int FindToken(ReadOnlySpan<byte> bytes, ulong hash)
    {
        var capacity = Header.VocabularyCapacity;
        var slot = TokenizerLayout.HashSlot(hash, capacity);
        for (var probes = 0u; probes < capacity; probes++)
        {
            var id = _vocabulary[slot];
            if (id == TokenizerLayout.Empty)
                return -1;
            CheckId(id);
            if (WordOf(id).SequenceEqual(bytes))
                return (int)id;
            slot = slot + 1 == capacity ? 0 : slot + 1;
        }

        return -1;
    }

    public static PackedFileException Damaged(string what, long offset) =>
        new($"The section 'tokenizer' of the packed file is damaged: {what}. Build the project again; 'kforge verify' checks every byte.", offset: offset);

    private static ReadOnlySpan<byte> Slice(uint id, uint* starts, byte* bytes, uint length)
    {
        var start = starts[id];
        var end = starts[id + 1];
        if (start > end || end > length)
            throw Damaged($"token {id} claims bytes {start} to {end} of {length}", 0);
        return new ReadOnlySpan<byte>(bytes + start, (int)(end - start));
    }

    private byte* Table(ulong offset, ulong count, uint size, string name)
    {
        // count < 2^33 and size <= 24, so the product cannot overflow.
        if (offset > (ulong)_length || count * size > (ulong)_length - offset || offset % 8 != 0)
            throw Damaged($"its table of {name} ({count} x {size} bytes at {offset}) does not fit its {_length} bytes", 88);
        return _section + offset;
    }

    private void CheckIdOrNone(int id)
    {
        if (id < -1 || id >= (int)Header.Tokens)
            throw Damaged($"it refers to token {id} of {Header.Tokens}", 20);
    }

    private void CheckId(uint id)
    {
        if (id >= Header.Tokens)
            throw Damaged($"it refers to token {id} of {Header.Tokens}", 20);
    }
}
