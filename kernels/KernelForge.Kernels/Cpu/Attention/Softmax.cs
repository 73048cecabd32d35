using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>The running softmax of one query row over blocks of 64 positions (docs/numerics.md, "Attention").</summary>
[KernelTemplate]
public static unsafe class Softmax
{
    /// <summary>Floats of a row's state: largest score, sum, then the factors of the merge that <see cref="Merge"/> does next.</summary>
    public const int StateLength = 4;

    /// <summary>The row has seen no block yet.</summary>
    public const float Unseen = -1f;

    /// <summary>The state of a row that has seen nothing, or a sink only: a score with the weight 1 and no value.</summary>
    /// <param name="size">Padded head size.</param>
    /// <param name="sink">The score, or null.</param>
    /// <param name="state">The row's state.</param>
    /// <param name="result">[size] zeros beside a sink.</param>
    public static void Begin([Constant] int size, float* sink, float* state, float* result)
    {
        state[1] = Unseen;
        if (sink != null)
        {
            state[0] = *sink;
            state[1] = 1f;
            foreach (var v in Unroll.Range(size / Simd.Width))
                Simd.Store(result + (v * Simd.Width), Simd.Zero());
        }
    }

    /// <summary>
    /// Turns the products of one row and a block into weights and prepares the merge.
    /// </summary>
    /// <param name="scores">[64] products of query and keys; becomes the weights.</param>
    /// <param name="from">First position in the block that the row sees.</param>
    /// <param name="to">Last position in the block that the row sees; before <paramref name="from"/> if it sees none.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="state">The row's state; a sum of <see cref="Unseen"/> at first.</param>
    public static void Weights(float* scores, nint from, nint to, float scale, float* state)
    {
        if (to < from)
        {
            for (nint p = 0; p < CachePages.Positions; p += Simd.Width)
                Simd.Store(scores + p, Simd.Zero());
            state[3] = Unseen;
            return;
        }

        for (nint p = 0; p < from; p++)
            scores[p] = float.NegativeInfinity;
        for (var p = to + 1; p < CachePages.Positions; p++)
            scores[p] = float.NegativeInfinity;
        var factor = Simd.Broadcast(scale);
        var largest = Simd.Multiply(Simd.Load(scores), factor);
        foreach (var v in Unroll.Range(1, CachePages.Positions / Simd.Width))
            largest = Simd.Max(largest, Simd.Multiply(Simd.Load(scores + (v * Simd.Width)), factor));
        var m = Simd.MaxLanes(largest);
        var shift = Simd.Broadcast(m);
        var lanes = new Registers<FloatVector>(LaneSum.Vectors);
        foreach (var lane in Unroll.Range(LaneSum.Vectors))
            lanes[lane] = Simd.Zero();
        foreach (var v in Unroll.Range(CachePages.Positions / Simd.Width))
        {
            var at = scores + (v * Simd.Width);
            var weight = Exponential.Exp(Simd.Subtract(Simd.Multiply(Simd.Load(at), factor), shift));
            Simd.Store(at, weight);
            lanes[v % LaneSum.Vectors] = Simd.Add(lanes[v % LaneSum.Vectors], weight);
        }

        LaneSum.Fold(ref lanes);
        Prepare(m, Simd.SumLanes(lanes[0]), state);
    }

    /// <summary>Merges a block that was computed apart, as <see cref="Weights"/> and <see cref="Merge"/> would have done in its turn.</summary>
    /// <param name="size">Padded head size.</param>
    /// <param name="weighted">[size] weighted values of the block.</param>
    /// <param name="block">The state of a row that has seen this block only, or not even this.</param>
    /// <param name="state">The row's state.</param>
    /// <param name="result">[size] merged values.</param>
    public static void Join([Constant] int size, float* weighted, float* block, float* state, float* result)
    {
        if (block[1] == Unseen)
            return;
        var isFirst = state[1] == Unseen;
        Prepare(block[0], block[1], state);
        Merge(size, weighted, state, isFirst, result);
    }

    private static void Prepare(float m, float l, float* state)
    {
        if (state[1] == Unseen)
        {
            state[0] = m;
            state[1] = l;
            state[2] = 0f;
            state[3] = 1f;
            return;
        }

        // Of the two factors that of the larger score is exp(0), which is 1.
        var isLarger = m > state[0];
        Simd.StorePartial(state + 2, Exponential.Exp(Simd.Broadcast(isLarger ? state[0] - m : m - state[0])), 1);
        state[3] = isLarger ? 1f : state[2];
        state[2] = isLarger ? state[2] : 1f;
        state[0] = isLarger ? m : state[0];
        state[1] = MathF.FusedMultiplyAdd(state[1], state[2], l * state[3]);
    }

    /// <summary>Merges a block's weighted values into the row's. <paramref name="isFirst"/>: the row had seen no block before.</summary>
    /// <param name="size">Padded head size.</param>
    /// <param name="weighted">[size] weighted values of the block.</param>
    /// <param name="state">The row's state.</param>
    /// <param name="isFirst">Nothing to merge with.</param>
    /// <param name="result">[size] merged values.</param>
    public static void Merge([Constant] int size, float* weighted, float* state, bool isFirst, float* result)
    {
        if (state[3] == Unseen)
            return;
        var c = Simd.Broadcast(state[2]);
        var e = Simd.Broadcast(state[3]);
        foreach (var v in Unroll.Range(size / Simd.Width))
        {
            var o = Simd.Load(weighted + (v * Simd.Width));
            var to = result + (v * Simd.Width);
            Simd.Store(to, isFirst ? o : Simd.MultiplyAdd(Simd.Load(to), c, Simd.Multiply(o, e)));
        }
    }
}
