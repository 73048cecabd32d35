namespace KernelForge.Text;

/// <summary>
/// A regular expression as the packer compiled it: a deterministic automaton over classes of characters. It finds what a backtracking matcher finds
/// (the first alternative, greedy), reading each character of a match once, with the character behind it for the expressions' look-ahead.
/// </summary>
internal sealed unsafe class Automaton
{
    private const int HeaderSize = 16;
    private const ushort Ends = 0x8000;
    private const int Dead = 0;
    private const int Start = 1;
    private const uint OverBytes = 1;
    private const uint FallsBack = 2;

    private readonly uint _classes;
    private readonly uint _states;
    private readonly CharacterMap _map;
    private readonly byte* _bytes;
    private readonly ushort* _transitions;

    public Automaton(byte* data, ulong length)
    {
        if (length < HeaderSize)
            throw Damaged();
        _classes = ((uint*)data)[0];
        _states = ((uint*)data)[1];
        var flags = ((uint*)data)[2];
        var blocks = ((uint*)data)[3];
        IsOverBytes = (flags & OverBytes) != 0;
        MayFallBack = (flags & FallsBack) != 0;
        var map = IsOverBytes ? 256 : CharacterMap.Size(blocks);
        if (_classes is 0 or > 256 || _states is < 2 or > 0x7FFF || blocks > TokenizerLayout.BlockCount
            || HeaderSize + map + (2ul * _classes * _states) > length)
        {
            throw Damaged();
        }

        _map = new CharacterMap(data + HeaderSize, blocks);
        _bytes = IsOverBytes ? data + HeaderSize : _map.Ascii;
        _transitions = (ushort*)(data + HeaderSize + map);
    }

    /// <summary>Whether it reads bytes instead of characters.</summary>
    public bool IsOverBytes { get; }

    /// <summary>Whether it may read far beyond the end of a match, so that failures must be remembered to keep a search linear.</summary>
    public bool MayFallBack { get; }

    /// <summary>The end of the match that begins at <paramref name="start"/>, or -1.</summary>
    /// <param name="text">The piece; its end is an end for the expression too.</param>
    /// <param name="start">A place in it, or its end.</param>
    /// <param name="failures">One entry for each place of the text, zeros at first: states from which no match was found; or empty.</param>
    /// <param name="steps">Grows by the number of bytes that were read.</param>
    public int Match(ReadOnlySpan<byte> text, int start, Span<ushort> failures, ref long steps)
    {
        var (state, end, index) = (Start, -1, start);
        while (true)
        {
            var entry = Next(state, text, index, out var length);
            if ((entry & Ends) != 0)
                end = index;
            state = entry & ~Ends;
            if (state == Dead || length == 0)
                break;
            if ((uint)state >= _states)
                throw Damaged();
            index += length;
            if (!failures.IsEmpty && index < text.Length && failures[index] == state)
                break;
        }

        steps += index - start + 1;
        if (!failures.IsEmpty && index > Math.Max(end, start))
            Remember(text, start, Math.Max(end, start), index, failures, ref steps);
        return end;
    }

    /// <summary>Notes the states in which the text behind a match was read in vain: whoever comes there in the same state need not read on.</summary>
    private void Remember(ReadOnlySpan<byte> text, int start, int end, int last, Span<ushort> failures, ref long steps)
    {
        var (state, index) = (Start, start);
        while (index < last)
        {
            state = Next(state, text, index, out var length) & ~Ends;
            index += length;
            if (index > end && index < text.Length)
                failures[index] = (ushort)state;
        }

        steps += last - start;
    }

    private ushort Next(int state, ReadOnlySpan<byte> text, int index, out int length)
    {
        uint found;
        if (index >= text.Length)
        {
            (found, length) = (0, 0);
        }
        else if (text[index] is var value && (value < 0x80 || IsOverBytes))
        {
            (found, length) = (_bytes[value], 1);
        }
        else
        {
            found = _map[Characters.Read(text, index, out length)];
        }

        return found < _classes ? _transitions[((uint)state * _classes) + found] : throw Damaged();
    }

    private static PackedFileException Damaged() => TokenizerTables.Damaged("an automaton has classes, states or tables that do not fit", 0);
}
