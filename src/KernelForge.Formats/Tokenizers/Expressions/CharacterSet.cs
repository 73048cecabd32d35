namespace KernelForge.Formats.Tokenizers;

/// <summary>A set of code points as ascending ranges that do not touch.</summary>
internal sealed class CharacterSet
{
    public const int Last = 0x10FFFF;

    private CharacterSet(IReadOnlyList<(int First, int Last)> ranges) => Ranges = ranges;

    public static CharacterSet Empty { get; } = new([]);

    public static CharacterSet All { get; } = new([(0, Last)]);

    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    public static CharacterSet Of(int codePoint) => new([(codePoint, codePoint)]);

    public static CharacterSet Range(int first, int last) => new([(first, last)]);

    public static CharacterSet Of(params ReadOnlySpan<(int First, int Last)> ranges) => Join([.. ranges]);

    public static CharacterSet Where(Predicate<int> holds)
    {
        var ranges = new List<(int, int)>();
        for (var codePoint = 0; codePoint <= Last; codePoint++)
        {
            if (!holds(codePoint))
                continue;
            var first = codePoint;
            while (codePoint < Last && holds(codePoint + 1))
                codePoint++;
            ranges.Add((first, codePoint));
        }

        return new CharacterSet(ranges);
    }

    public bool Contains(int codePoint)
    {
        var (low, high) = (0, Ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Ranges[middle].Last < codePoint)
                low = middle + 1;
            else
                high = middle;
        }

        return low < Ranges.Count && Ranges[low].First <= codePoint;
    }

    public CharacterSet Union(CharacterSet other) => Join([.. Ranges, .. other.Ranges]);

    public CharacterSet Complement()
    {
        var ranges = new List<(int, int)>();
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            if (first > next)
                ranges.Add((next, first - 1));
            next = last + 1;
        }

        if (next <= Last)
            ranges.Add((next, Last));
        return new CharacterSet(ranges);
    }

    public CharacterSet Intersect(CharacterSet other) => Complement().Union(other.Complement()).Complement();

    public CharacterSet Except(CharacterSet other) => Intersect(other.Complement());

    private static CharacterSet Join(List<(int First, int Last)> ranges)
    {
        ranges.Sort();
        var joined = new List<(int First, int Last)>();
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && range.First <= joined[^1].Last + 1)
                joined[^1] = (joined[^1].First, Math.Max(joined[^1].Last, range.Last));
            else
                joined.Add(range);
        }

        return new CharacterSet(joined);
    }
}
