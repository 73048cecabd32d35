namespace KernelForge.Kernels;

/// <summary>Rotary embedding of a head whose pairs are neighbours (docs/numerics.md).</summary>
[KernelTemplate]
public static unsafe class Rotation
{
    /// <summary>Rotates the first <paramref name="pairs"/> pairs; the rest is copied. May work in place.</summary>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="x">The head.</param>
    /// <param name="angles">[pairs, 2] cosine and sine.</param>
    /// <param name="pairs">Rotated pairs.</param>
    /// <param name="y">Output.</param>
    public static void Rotate([Constant] int headSize, float* x, float* angles, nint pairs, float* y)
    {
        nint i = 0;
        for (; i + Simd.Width <= 2 * pairs; i += Simd.Width)
            Simd.Store(y + i, Pairs(Simd.Load(x + i), Simd.Load(angles + i)));
        if (i < 2 * pairs)
        {
            var count = (2 * pairs) - i;
            Simd.StorePartial(y + i, Pairs(Simd.LoadPartial(x + i, count), Simd.LoadPartial(angles + i, count)), count);
        }

        if (x != y)
        {
            for (i = 2 * pairs; i < headSize; i++)
                y[i] = x[i];
        }
    }

    private static FloatVector Pairs(FloatVector x, FloatVector angle)
    {
        var rounded = Simd.Multiply(Simd.DuplicateOdd(x), Simd.SwapPairs(angle)); // b * s, b * c
        return Simd.MultiplyAdd(Simd.DuplicateEven(x), angle, Simd.NegateEven(rounded));
    }
}
