using System.Runtime.InteropServices;

namespace KernelForge.Formats.Tokenizers;

/// <summary>A set of code points as ascending ranges that do not touch.</summary>
internal sealed class CharacterSet
{
    public const int Last = 0x10FFFF;

    private readonly (int First, int Last)[] _ranges;
    private CharacterSet? _complement;

    private CharacterSet(IEnumerable<(int First, int Last)> ranges) => _ranges = [.. ranges];

    public static CharacterSet Empty { get; } = new([]);

    public static CharacterSet All { get; } = new([(0, Last)]);

    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

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
        var (low, high) = (0, _ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].Last < codePoint)
                low = middle + 1;
            else
                high = middle;
        }

        return low < _ranges.Length && _ranges[low].First <= codePoint;
    }

    public CharacterSet Union(CharacterSet other) => Join([.. Ranges, .. other.Ranges]);

    public CharacterSet Complement() => _complement ??= new CharacterSet(Gaps()) { _complement = this };

    public CharacterSet Intersect(CharacterSet other)
    {
        var ranges = new List<(int, int)>(Math.Max(_ranges.Length, other._ranges.Length));
        var (mine, others) = (0, 0);
        while (mine < _ranges.Length && others < other._ranges.Length)
        {
            var (first, last) = (Math.Max(_ranges[mine].First, other._ranges[others].First), Math.Min(_ranges[mine].Last, other._ranges[others].Last));
            if (first <= last)
                ranges.Add((first, last));
            if (_ranges[mine].Last == last)
                mine++;
            else
                others++;
        }

        return new CharacterSet(ranges);
    }

    public CharacterSet Except(CharacterSet other) => Intersect(other.Complement());

    private List<(int First, int Last)> Gaps()
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
        return ranges;
    }

    private static CharacterSet Join(List<(int First, int Last)> ranges)
    {
        ranges.Sort();
        var count = 0;
        foreach (var range in CollectionsMarshal.AsSpan(ranges))
        {
            if (count > 0 && range.First <= ranges[count - 1].Last + 1)
                ranges[count - 1] = (ranges[count - 1].First, Math.Max(ranges[count - 1].Last, range.Last));
            else
                ranges[count++] = range;
        }

        return new CharacterSet(ranges.Take(count));
    }
}
