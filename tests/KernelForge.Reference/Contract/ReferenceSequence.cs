using KernelForge.Plans;

namespace KernelForge.Reference.Contract;

/// <summary>What the cache keeps of one sequence, already rounded as its format rounds it.</summary>
public sealed class ReferenceSequence
{
    private readonly Dictionary<(CachedPart Part, int Layer, int Head), List<float[]>> _rows = [];

    private readonly Dictionary<(CachedPart Part, int Layer, int Head), List<float[]>> _kept = [];

    private readonly ReferenceSequence? _keeper;

    internal ReferenceSequence(CacheFormat format) => Format = format;

    /// <summary>Which sequence keeps what others ask of this one's rows: itself, or the one that is written after it was read.</summary>
    internal ReferenceSequence Keeper { get => _keeper ?? this; init => _keeper = value; }

    /// <summary>How keys and values are stored.</summary>
    public CacheFormat Format { get; }

    /// <summary>Whether anything is kept of other rows.</summary>
    public bool HasRead => _kept.Count > 0;

    /// <summary>Tokens the sequence holds.</summary>
    public int Length { get; internal set; }

    /// <summary>A copy that goes its own way.</summary>
    public ReferenceSequence Fork()
    {
        var copy = new ReferenceSequence(Format) { Length = Length };
        foreach (var (place, rows) in _rows)
            copy._rows[place] = [.. rows];
        foreach (var (place, rows) in _kept)
            copy._kept[place] = rows;
        return copy;
    }

    /// <summary>Forgets all but the first tokens.</summary>
    public void Truncate(int length)
    {
        Length = length;
        foreach (var rows in _rows.Values)
            rows.RemoveRange(length, rows.Count - length);
    }

    /// <summary>Drops all keys and values, which the next layer of an encoder replaces.</summary>
    internal void Forget() => _rows.Clear();

    /// <summary>Adds the rounded values of a token, or of a row that others ask.</summary>
    internal void Append(CachedPart part, int layer, int head, float[] values, bool isKept = false)
    {
        var all = isKept ? _kept : _rows;
        if (!all.TryGetValue((part, layer, head), out var rows))
            all[(part, layer, head)] = rows = [];
        rows.Add(values);
    }

    /// <summary>The values of all tokens, or of all rows that are kept for others.</summary>
    internal List<float[]> Read(CachedPart part, int layer, int head, bool isKept = false) => (isKept ? _kept : _rows)[(part, layer, head)];
}

/// <summary>What a cache keeps of a token.</summary>
internal enum CachedPart
{
    Key,
    Value,
    Product,
}

/// <summary>The tokens that one pass adds to a sequence.</summary>
/// <param name="Sequence">What came before them.</param>
/// <param name="Tokens">Their ids.</param>
/// <param name="AllLogits">Logits after each of them; otherwise after the last one only.</param>
public sealed record ReferenceRows(ReferenceSequence Sequence, IReadOnlyList<int> Tokens, bool AllLogits = true);
