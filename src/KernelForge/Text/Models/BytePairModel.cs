namespace KernelForge.Text;

/// <summary>
/// Merges the bytes or characters of one word into tokens: always the pair of lowest rank, the leftmost among equals. A heap of candidate pairs
/// over a linked list of symbols, so a word of n symbols takes O(n log n) whatever it holds.
/// </summary>
internal sealed unsafe class BytePairModel(TokenizerTables tables) : WordModel(tables)
{
    private const uint NoMerge = uint.MaxValue;

    private readonly bool _overBytes = tables.Header.Algorithm == TokenizerAlgorithm.ByteBytePair;
    private readonly bool _wholeWords = tables.Header.Flags.HasFlag(TokenizerFlags.WholeWords);
    private readonly bool _fusesUnknown = tables.Header.Flags.HasFlag(TokenizerFlags.FuseUnknown);
    private readonly int _unknown = tables.Header.Flags.HasFlag(TokenizerFlags.WritesUnknown) ? tables.Header.Unknown : -1;
    private uint[] _ids = [];
    private uint[] _ranks = [];
    private uint[] _results = [];
    private int[] _previous = [];
    private int[] _next = [];
    private ulong[] _heap = [];
    private int _heapCount;

    public override bool IsSmall => _ids.Length <= SmallWord;

    /// <summary>Appends the tokens of a word. What the vocabulary has no token for is left out where it has no unknown token either.</summary>
    public override void Append(ReadOnlySpan<byte> word, TokenBuffer tokens)
    {
        if (_wholeWords && Tables.FindToken(word) is var whole and >= 0)
        {
            tokens.Add(whole);
            return;
        }

        Reserve(word.Length);
        var count = _overBytes ? AddBytes(word) : AddCharacters(word);
        if (count == 0)
            return;
        _heapCount = 0;
        for (var i = 0; i < count; i++)
        {
            _previous[i] = i - 1;
            _next[i] = i + 1 < count ? i + 1 : -1;
        }

        for (var i = 0; i < count; i++)
            Offer(i);
        while (_heapCount > 0)
        {
            var key = Pop();
            var left = (int)(uint)key;

            // A symbol that was swallowed, or whose pair has changed since, has another rank by now.
            if (_ranks[left] == (uint)(key >> 32))
                Apply(left);
        }

        for (var i = 0; i >= 0; i = _next[i])
            tokens.Add((int)_ids[i]);
    }

    private int AddBytes(ReadOnlySpan<byte> word)
    {
        var count = 0;
        foreach (var value in word)
        {
            if (Tables.TokenOfByte(value) is var id and >= 0)
                _ids[count++] = (uint)id;
            else if (_unknown >= 0)
                count = AddUnknown(count, count > 0 && _ids[count - 1] == (uint)_unknown);
        }

        return count;
    }

    private int AddCharacters(ReadOnlySpan<byte> word)
    {
        var (count, isUnknown) = (0, false);
        for (var index = 0; index < word.Length;)
        {
            var character = word.Slice(index, Characters.LengthAt(word, index));
            index += character.Length;
            if (Tables.FindToken(character) is var id and >= 0)
            {
                _ids[count++] = (uint)id;
                isUnknown = false;
            }
            else if (FallsBackToBytes(character))
            {
                foreach (var value in character)
                    _ids[count++] = (uint)Tables.TokenOfByte(value);
                isUnknown = false;
            }
            else if (_unknown >= 0)
            {
                count = AddUnknown(count, isUnknown);
                isUnknown = true;
            }
        }

        return count;
    }

    private int AddUnknown(int count, bool isUnknown)
    {
        if (isUnknown && _fusesUnknown)
            return count;
        _ids[count] = (uint)_unknown;
        return count + 1;
    }

    private void Apply(int left)
    {
        var right = _next[left];
        var after = _next[right];
        _ids[left] = _results[left];
        _ranks[right] = NoMerge;
        _next[left] = after;
        if (after >= 0)
            _previous[after] = left;
        Offer(left);
        if (_previous[left] >= 0)
            Offer(_previous[left]);
    }

    /// <summary>Looks up the pair that begins at a symbol and makes it a candidate.</summary>
    private void Offer(int left)
    {
        var right = _next[left];
        Lookups++;
        var merge = right < 0 ? null : Tables.FindMerge(_ids[left], _ids[right]);
        _ranks[left] = merge == null ? NoMerge : merge->Rank;
        if (merge == null)
            return;
        _results[left] = merge->Result;
        Push(((ulong)merge->Rank << 32) | (uint)left);
    }

    private void Push(ulong key)
    {
        if (_heapCount == _heap.Length)
            Array.Resize(ref _heap, Math.Max(64, _heapCount * 2));
        var place = _heapCount++;
        while (place > 0 && _heap[(place - 1) / 2] > key)
        {
            _heap[place] = _heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }

        _heap[place] = key;
    }

    private ulong Pop()
    {
        var top = _heap[0];
        var last = _heap[--_heapCount];
        var place = 0;
        while (true)
        {
            var child = (place * 2) + 1;
            if (child >= _heapCount)
                break;
            if (child + 1 < _heapCount && _heap[child + 1] < _heap[child])
                child++;
            if (_heap[child] >= last)
                break;
            _heap[place] = _heap[child];
            place = child;
        }

        _heap[place] = last;
        return top;
    }

    private void Reserve(int length)
    {
        if (_ids.Length >= length)
            return;
        var capacity = Math.Max(length, 128);
        _ids = new uint[capacity];
        _ranks = new uint[capacity];
        _results = new uint[capacity];
        _previous = new int[capacity];
        _next = new int[capacity];
    }
}
