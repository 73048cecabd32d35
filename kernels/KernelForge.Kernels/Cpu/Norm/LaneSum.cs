namespace KernelForge.Kernels;

/// <summary>Sums over a row in sixteen lanes (docs/numerics.md), which are 1, 2 or 4 vectors.</summary>
[KernelTemplate]
public static unsafe class LaneSum
{
    /// <summary>Vectors that make sixteen lanes.</summary>
    public const int Vectors = 16 / Simd.Width;

    /// <summary>Adds the upper half of the lanes to the lower until one vector is left: <paramref name="lanes"/>[0]. Its lanes go on alike.</summary>
    public static void Fold(ref Registers<FloatVector> lanes)
    {
        if (Vectors == 4)
        {
            lanes[0] = Simd.Add(lanes[0], lanes[2]);
            lanes[1] = Simd.Add(lanes[1], lanes[3]);
        }

        if (Vectors > 1)
            lanes[0] = Simd.Add(lanes[0], lanes[1]);
    }
}
