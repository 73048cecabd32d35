namespace KernelForge.Graphs;

/// <summary>A number for each head and distance that is added to the scores (Raffel et al., 2020).</summary>
/// <param name="Table">[buckets, heads].</param>
/// <param name="Farthest">Distance from which on all are the same.</param>
public sealed record RelativeBias(Weight Table, int Farthest)
{
    /// <summary>Which row of the table a distance has.</summary>
    /// <param name="isBidirectional">Whether keys may follow the query.</param>
    public DistanceBuckets Buckets(bool isBidirectional) => new(Table.Rows, Farthest, isBidirectional);
}

/// <summary>
/// Distances fall into buckets: near ones have their own, far ones share by their logarithm, and from <paramref name="Farthest"/> on all are in the last.
/// Of attention both ways half of the buckets are for later tokens.
/// </summary>
/// <param name="Count">All of them.</param>
/// <param name="Farthest">Distance from which on all are the same.</param>
/// <param name="IsBidirectional">Whether keys may follow the query.</param>
public sealed record DistanceBuckets(int Count, int Farthest, bool IsBidirectional)
{
    /// <summary>The bucket of a key that stands <paramref name="offset"/> tokens after the query.</summary>
    /// <param name="offset">Below 0: before the query.</param>
    public int Of(int offset)
    {
        var buckets = IsBidirectional ? Count / 2 : Count;
        var first = IsBidirectional && offset > 0 ? buckets : 0;
        var distance = IsBidirectional ? Math.Abs(offset) : Math.Max(0, -offset);
        var near = buckets / 2;
        if (distance < near)
            return first + distance;
        // In binary32, as the models were trained: where a logarithm falls on a bucket's edge, its rounding decides.
        var share = (float)Math.Log((float)distance / near) / (float)Math.Log((double)Farthest / near);
        return first + Math.Min(buckets - 1, near + (int)(share * (buckets - near)));
    }
}
