namespace KernelForge.Text;

/// <summary>Finds special tokens written out in a text: the longest at each place, from left to right.</summary>
internal sealed class SpecialTokens
{
    private readonly TokenizerTables _tables;
    private readonly int _begin;
    private readonly int _end;
    private readonly bool[] _first = new bool[256];

    /// <summary>Special tokens number <paramref name="begin"/> to <paramref name="end"/>, which stand in ascending order of what they match.</summary>
    public SpecialTokens(TokenizerTables tables, int begin, int end)
    {
        _tables = tables;
        (_begin, _end) = (begin, end);
        for (var i = begin; i < end; i++)
        {
            if (tables.WordOf(tables.Special(i)) is [var first, ..])
                _first[first] = true;
        }
    }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _begin == _end;

    /// <summary>The next special token at or behind a place, with the white space that belongs to it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="index">Where to look.</param>
    /// <param name="trust">Which of its bytes may hold a control token.</param>
    /// <param name="range">Where it stands; never before <paramref name="index"/>.</param>
    /// <returns>Its id, or -1 when there is none.</returns>
    public int Next(ReadOnlySpan<byte> text, int index, ref TrustMap trust, out TextRange range)
    {
        var done = index;
        while (index < text.Length)
        {
            var length = 0;
            var id = _first[text[index]] ? Match(text[index..], trust.TrustedFrom(index), out length) : -1;
            if (id < 0)
            {
                index++;
                continue;
            }

            var kind = _tables.KindOf((uint)id);
            if ((kind & TokenizerLayout.SingleWord) == 0 || StandsAlone(text, index, index + length))
            {
                range = Widen(text, new TextRange(index, index + length), done, kind);
                return id;
            }

            index += length;
        }

        range = default;
        return -1;
    }

    /// <summary>The special token of exactly this text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && _first[text[0]] && Match(text, text.Length, out var length) is var id && length == text.Length ? id : -1;

    /// <summary>
    /// The longest special token at the start of <paramref name="text"/>, or -1. Control tokens, and whatever else would end an answer, count
    /// only when they end within the first <paramref name="trusted"/> bytes.
    /// </summary>
    private int Match(ReadOnlySpan<byte> text, int trusted, out int length)
    {
        length = 0;
        var best = -1;

        // Specials are sorted: those that share the first d bytes of the text are neighbours, and the shortest of them comes first.
        var (low, high) = (_begin, _end);
        for (var depth = 0; depth < text.Length && low < high; depth++)
        {
            var value = text[depth];
            low = Partition(low, high, depth, value);
            high = value == byte.MaxValue ? high : Partition(low, high, depth, value + 1);
            if (low == high)
                break;
            var id = _tables.Special(low);
            if (_tables.WordOf(id).Length == depth + 1 && (depth + 1 <= trusted || !IsGuarded(id)))
                (best, length) = ((int)id, depth + 1);
        }

        return best;
    }

    private bool IsGuarded(uint id) => _tables.KindOf(id) is var kind
        && ((kind & TokenizerLayout.EndOfGeneration) != 0 || (kind & TokenizerLayout.KindMask) == (byte)TokenKind.Control);

    private static bool StandsAlone(ReadOnlySpan<byte> text, int start, int end) =>
        (start == 0 || !Characters.IsWord(Characters.ReadBefore(text, start, out _))) && (end == text.Length || !Characters.IsWord(Characters.Read(text, end, out _)));

    private static TextRange Widen(ReadOnlySpan<byte> text, TextRange range, int first, byte kind)
    {
        var (start, end) = (range.Start, range.End);
        while ((kind & TokenizerLayout.StripsLeft) != 0 && start > first && Characters.IsSpace(Characters.ReadBefore(text, start, out var before)))
            start = before;
        while ((kind & TokenizerLayout.StripsRight) != 0 && end < text.Length && Characters.IsSpace(Characters.Read(text, end, out var length)))
            end += length;
        return new TextRange(start, end);
    }

    /// <summary>The first special in [low, high) whose byte at <paramref name="depth"/> is at least <paramref name="value"/>.</summary>
    private int Partition(int low, int high, int depth, int value)
    {
        while (low < high)
        {
            var middle = (low + high) / 2;
            var bytes = _tables.WordOf(_tables.Special(middle));
            if (bytes.Length <= depth || bytes[depth] < value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
