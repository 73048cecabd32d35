namespace KernelForge.Reference.Numerics;

/// <summary>Attention of one query head over cached keys and values, in blocks of 64 positions (docs/numerics.md, "Attention").</summary>
public static class BlockAttention
{
    /// <summary>Positions of a block; blocks start at multiples of it.</summary>
    public const int BlockLength = 64;

    /// <summary>The attended value of one query head.</summary>
    /// <param name="query">The rotated query.</param>
    /// <param name="keys">[position][headSize] as the cache gives them back.</param>
    /// <param name="values">[position][valueSize] as the cache gives them back.</param>
    /// <param name="position">The query's own position.</param>
    /// <param name="window">It sees itself and the window - 1 before it; 0: all before it.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="softcap">Bound of the scores, or 0.</param>
    /// <param name="inLanes">Whether products of query and key are summed in sixteen lanes; otherwise one after another.</param>
    /// <param name="ahead">Positions after its own that it sees, where there are keys.</param>
    /// <param name="chunk">It sees positions of its own chunk of so many only; 0: all before it.</param>
    /// <param name="sink">A score that joins the softmax without a value, or null.</param>
    /// <param name="bias">What is added to the score of a key that stands so many positions after the query, or null.</param>
    public static float[] Attend(
        ReadOnlySpan<float> query, IReadOnlyList<float[]> keys, IReadOnlyList<float[]> values, int position, int window, float scale, float softcap = 0, bool inLanes = false,
        int ahead = 0, int chunk = 0, float? sink = null, Func<int, float>? bias = null)
    {
        var last = Math.Min(position + ahead, keys.Count - 1);
        var first = Math.Max(window == 0 ? 0 : Math.Max(0, position - window + 1), chunk == 0 ? 0 : position / chunk * chunk);
        var merged = sink is { } score ? new Block(score, 1f, new float[values[first].Length]) : null;
        for (var start = first / BlockLength * BlockLength; start <= last; start += BlockLength)
        {
            var from = Math.Max(first, start);
            var to = Math.Min(last, start + BlockLength - 1);
            var block = Block.Of(query, keys, values, start, from, to, scale, softcap, inLanes, bias is null ? null : p => bias(p - position));
            merged = merged is null ? block : Block.Merge(merged, block);
        }

        var result = merged!.Weighted;
        for (var d = 0; d < result.Length; d++)
            result[d] /= merged.Sum;
        return result;
    }

    /// <summary>Softmax state: the largest score, the sum of weights relative to it, the weighted values.</summary>
    private sealed record Block(float Largest, float Sum, float[] Weighted)
    {
        public static Block Of(
            ReadOnlySpan<float> query, IReadOnlyList<float[]> keys, IReadOnlyList<float[]> values, int start, int from, int to, float scale, float softcap, bool inLanes, Func<int, float>? bias)
        {
            Span<float> weights = stackalloc float[BlockLength];
            weights.Clear();
            var largest = float.NegativeInfinity;
            for (var p = from; p <= to; p++)
            {
                var key = keys[p];
                var score = inLanes ? LaneSum.Dot(query, key) : 0f;
                for (var d = 0; !inLanes && d < query.Length; d++)
                    score = MathF.FusedMultiplyAdd(query[d], key[d], score);
                var (bounded, factor) = softcap == 0 ? (score, scale) : (Activations.Cap(softcap, score * scale), 1f);
                score = bias is null ? bounded * factor : MathF.FusedMultiplyAdd(bounded, factor, bias(p));
                weights[p - start] = score;
                largest = MathF.Max(largest, score);
            }

            var weighted = new float[values[from].Length];
            for (var p = from; p <= to; p++)
            {
                var weight = Exponential.Exp(weights[p - start] - largest);
                weights[p - start] = weight;
                var value = values[p];
                for (var d = 0; d < weighted.Length; d++)
                    weighted[d] = MathF.FusedMultiplyAdd(weight, value[d], weighted[d]);
            }

            return new Block(largest, LaneSum.Sum(weights), weighted);
        }

        public static Block Merge(Block before, Block next)
        {
            var largest = MathF.Max(before.Largest, next.Largest);
            var c = Exponential.Exp(before.Largest - largest);
            var e = Exponential.Exp(next.Largest - largest);
            var weighted = new float[before.Weighted.Length];
            for (var d = 0; d < weighted.Length; d++)
                weighted[d] = MathF.FusedMultiplyAdd(before.Weighted[d], c, next.Weighted[d] * e);
            return new Block(largest, MathF.FusedMultiplyAdd(before.Sum, c, next.Sum * e), weighted);
        }
    }
}
