using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>What is added to scores by the distance of key and query (docs/numerics.md, "Attention").</summary>
[KernelTemplate]
public static unsafe class DistanceBias
{
    /// <summary>Numbers of a head.</summary>
    public static nint Length(nint reach) => (2 * reach) + 1;

    /// <summary>In place, scale * score + bias of a block of positions.</summary>
    /// <param name="scores">[64] scores.</param>
    /// <param name="scale">Their factor.</param>
    /// <param name="bias">[2 * reach + 1] numbers of the head.</param>
    /// <param name="reach">See <see cref="Attention.Run"/>.</param>
    /// <param name="offset">From the query to the block's first position. Blocks out of reach have the same number everywhere, so one at the end stands for them.</param>
    public static void Add(float* scores, float scale, float* bias, nint reach, nint offset)
    {
        var last = reach - (CachePages.Positions - 1);
        var nearest = offset < -reach ? -reach : offset > last ? last : offset;
        var at = bias + reach + nearest;
        var factor = Simd.Broadcast(scale);
        foreach (var v in Unroll.Range(CachePages.Positions / Simd.Width))
            Simd.Store(scores + (v * Simd.Width), Simd.MultiplyAdd(Simd.Load(scores + (v * Simd.Width)), factor, Simd.Load(at + (v * Simd.Width))));
    }
}
