using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Contract;

/// <summary>Cached keys and values of one sequence, already rounded as its format rounds them.</summary>
public sealed class ReferenceSequence
{
    private readonly List<float[]>[,] _keys;
    private readonly List<float[]>[,] _values;
    private readonly CacheShape _shape;

    internal ReferenceSequence(CacheShape shape, CacheFormat format)
    {
        _shape = shape;
        Format = format;
        _keys = NewLists(shape);
        _values = NewLists(shape);
    }

    /// <summary>How keys and values are stored.</summary>
    public CacheFormat Format { get; }

    /// <summary>Tokens the sequence holds.</summary>
    public int Length { get; internal set; }

    /// <summary>A copy that goes its own way.</summary>
    public ReferenceSequence Fork()
    {
        var copy = new ReferenceSequence(_shape, Format) { Length = Length };
        foreach (var (layer, head) in Units())
        {
            copy._keys[layer, head].AddRange(_keys[layer, head]);
            copy._values[layer, head].AddRange(_values[layer, head]);
        }

        return copy;
    }

    /// <summary>Forgets all but the first tokens.</summary>
    public void Truncate(int length)
    {
        Length = length;
        foreach (var (layer, head) in Units())
        {
            _keys[layer, head].RemoveRange(length, _keys[layer, head].Count - length);
            _values[layer, head].RemoveRange(length, _values[layer, head].Count - length);
        }
    }

    internal void Append(int layer, int head, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        _keys[layer, head].Add(CacheRounding.Round(key, Format));
        _values[layer, head].Add(CacheRounding.Round(value, Format));
    }

    internal (List<float[]> Keys, List<float[]> Values) Read(int layer, int head) => (_keys[layer, head], _values[layer, head]);

    private static List<float[]>[,] NewLists(CacheShape shape)
    {
        var lists = new List<float[]>[shape.Layers, shape.KeyValueHeads];
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            for (var head = 0; head < shape.KeyValueHeads; head++)
                lists[layer, head] = [];
        }

        return lists;
    }

    private IEnumerable<(int Layer, int Head)> Units() =>
        from layer in Enumerable.Range(0, _shape.Layers)
        from head in Enumerable.Range(0, _shape.KeyValueHeads)
        select (layer, head);
}

/// <summary>The tokens that one pass adds to a sequence.</summary>
/// <param name="Sequence">What came before them.</param>
/// <param name="Tokens">Their ids.</param>
/// <param name="AllLogits">Logits after each of them; otherwise after the last one only.</param>
public sealed record ReferenceRows(ReferenceSequence Sequence, IReadOnlyList<int> Tokens, bool AllLogits = true);
