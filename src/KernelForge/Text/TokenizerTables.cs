namespace KernelForge.Text;

/// <summary>
/// The mapped <c>tokenizer</c> section. Loading checks that every table lies inside it; what the tables hold is checked where it is used, so that a
/// damaged file is an error and never an access outside of it.
/// </summary>
internal sealed unsafe class TokenizerTables
{
    private readonly byte* _section;
    private readonly uint* _textStarts;
    private readonly byte* _text;
    private readonly byte* _kinds;
    private readonly int* _bytes;
    private readonly MergeSlot* _merges;
    private readonly uint* _vocabulary;
    private readonly uint* _specials;

    public TokenizerTables(byte* section, long length)
    {
        if (section == null || length < TokenizerHeader.Size)
            throw Damaged($"it has {length} bytes, its header alone needs {TokenizerHeader.Size}", 0);
        _section = section;
        Header = *(TokenizerHeader*)section;
        if (Header.Magic != TokenizerLayout.Magic)
            throw Damaged("it does not begin with KFTOKEN1", 0);
        if (Header.Algorithm != 1)
            throw Damaged($"it asks for algorithm {Header.Algorithm}, which this version does not have", 8);
        if (Header.PreTokenizer is < PreTokenizer.Gpt2 or > PreTokenizer.Falcon)
            throw Damaged($"it asks for pre-tokenizer {(uint)Header.PreTokenizer}, which this version does not have", 12);
        if (Header.Tokens is 0 or > int.MaxValue / 4 || Header.MergeCapacity == 0 || Header.VocabularyCapacity == 0)
            throw Damaged($"it has {Header.Tokens} tokens, {Header.MergeCapacity} merge slots, {Header.VocabularyCapacity} vocabulary slots", 20);

        _textStarts = (uint*)Table(Header.TextStarts, (ulong)Header.Tokens + 1, sizeof(uint), length, "text starts");
        _text = Table(Header.Text, Header.TextLength, 1, length, "text");
        _kinds = Table(Header.Kinds, Header.Tokens, 1, length, "kinds");
        _bytes = (int*)Table(Header.Bytes, 256, sizeof(int), length, "byte tokens");
        _merges = (MergeSlot*)Table(Header.Merges, Header.MergeCapacity, (uint)sizeof(MergeSlot), length, "merges");
        _vocabulary = (uint*)Table(Header.Vocabulary, Header.VocabularyCapacity, sizeof(uint), length, "vocabulary");
        _specials = (uint*)Table(Header.SpecialIds, Header.Specials, sizeof(uint), length, "special tokens");

        foreach (var id in (ReadOnlySpan<int>)[Header.BeginOfSequence, Header.EndOfSequence, Header.Unknown, Header.Padding])
            CheckIdOrNone(id);
        foreach (var id in new ReadOnlySpan<int>(_bytes, 256))
            CheckIdOrNone(id);
        foreach (var id in new ReadOnlySpan<uint>(_specials, (int)Header.Specials))
            CheckId(id);
    }

    public TokenizerHeader Header { get; }

    public int SpecialCount => (int)Header.Specials;

    /// <summary>The bytes of a token whose id is in range.</summary>
    public ReadOnlySpan<byte> TextOf(uint id)
    {
        var start = _textStarts[id];
        var end = _textStarts[id + 1];
        if (start > end || end > Header.TextLength)
            throw Damaged($"token {id} claims bytes {start} to {end} of {Header.TextLength}", (long)Header.TextStarts + (4L * id));
        return new ReadOnlySpan<byte>(_text + start, (int)(end - start));
    }

    /// <summary>What a token is, and whether it ends an answer.</summary>
    public byte KindOf(uint id) => _kinds[id];

    /// <summary>The token of a single byte, or -1.</summary>
    public int TokenOfByte(byte value) => _bytes[value];

    /// <summary>The id of special token number <paramref name="index"/> in ascending order of bytes.</summary>
    public uint Special(int index) => _specials[index];

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

    /// <summary>The ordinary token of exactly these bytes, or -1.</summary>
    public int FindToken(ReadOnlySpan<byte> bytes)
    {
        var capacity = Header.VocabularyCapacity;
        var slot = TokenizerLayout.VocabularySlot(bytes, capacity);
        for (var probes = 0u; probes < capacity; probes++)
        {
            var id = _vocabulary[slot];
            if (id == TokenizerLayout.Empty)
                return -1;
            CheckId(id);
            if (TextOf(id).SequenceEqual(bytes))
                return (int)id;
            slot = slot + 1 == capacity ? 0 : slot + 1;
        }

        return -1;
    }

    private static PackedFileException Damaged(string what, long offset) =>
        new($"The section 'tokenizer' of the packed file is damaged: {what}. Build the project again; 'kforge verify' checks every byte.", offset: offset);

    private byte* Table(ulong offset, ulong count, uint size, long length, string name)
    {
        // count < 2^33 and size <= 16, so the product cannot overflow.
        if (offset > (ulong)length || count * size > (ulong)length - offset || offset % 4 != 0)
            throw Damaged($"its table of {name} ({count} x {size} bytes at {offset}) does not fit its {length} bytes", 56);
        return _section + offset;
    }

    private void CheckIdOrNone(int id)
    {
        if (id < -1 || id >= (int)Header.Tokens)
            throw Damaged($"it refers to token {id} of {Header.Tokens}", 24);
    }

    private void CheckId(uint id)
    {
        if (id >= Header.Tokens)
            throw Damaged($"it refers to token {id} of {Header.Tokens}", 24);
    }
}
