namespace KernelForge.Text;

/// <summary>Finds special tokens written out in a text: the longest at each place, from left to right.</summary>
internal sealed class SpecialTokens
{
    private readonly TokenizerTables _tables;
    private readonly bool[] _first = new bool[256];

    public SpecialTokens(TokenizerTables tables)
    {
        _tables = tables;
        for (var i = 0; i < tables.SpecialCount; i++)
        {
            if (tables.TextOf(tables.Special(i)) is [var first, ..])
                _first[first] = true;
        }
    }

    /// <summary>
    /// The longest special token at the start of <paramref name="text"/>, or -1. Control tokens, and whatever else would end an answer, count
    /// only when they end within the first <paramref name="trusted"/> bytes.
    /// </summary>
    public int Match(ReadOnlySpan<byte> text, int trusted, out int length)
    {
        length = 0;
        var best = -1;
        if (!_first[text[0]])
            return best;

        // Specials are sorted: those that share the first d bytes of the text are neighbours, and the shortest of them comes first.
        var (low, high) = (0, _tables.SpecialCount);
        for (var depth = 0; depth < text.Length && low < high; depth++)
        {
            var value = text[depth];
            low = Partition(low, high, depth, value);
            high = value == byte.MaxValue ? high : Partition(low, high, depth, value + 1);
            if (low == high)
                break;
            var id = _tables.Special(low);
            if (_tables.TextOf(id).Length == depth + 1 && (depth + 1 <= trusted || !IsGuarded(id)))
                (best, length) = ((int)id, depth + 1);
        }

        return best;
    }

    /// <summary>The special token of exactly this text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && Match(text, text.Length, out var length) is var id && length == text.Length ? id : -1;

    private bool IsGuarded(uint id) => _tables.KindOf(id) is var kind
        && ((kind & TokenizerLayout.EndOfGeneration) != 0 || (kind & TokenizerLayout.KindMask) == (byte)TokenKind.Control);

    /// <summary>The first special in [low, high) whose byte at <paramref name="depth"/> is at least <paramref name="value"/>.</summary>
    private int Partition(int low, int high, int depth, int value)
    {
        while (low < high)
        {
            var middle = (low + high) / 2;
            var bytes = _tables.TextOf(_tables.Special(middle));
            if (bytes.Length <= depth || bytes[depth] < value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
