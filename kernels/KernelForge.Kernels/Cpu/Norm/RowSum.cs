namespace KernelForge.Kernels;

/// <summary>Sums of rows. Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class RowSum
{
    /// <summary>y += factor * x in rows <paramref name="first"/> to <paramref name="last"/> - 1, each value rounded once.</summary>
    public static void Add(byte* x, nint xStride, byte* y, nint yStride, nint width, float factor, nint first, nint last)
    {
        var factors = Simd.Broadcast(factor);
        for (var row = first; row < last; row++)
        {
            var from = (float*)(x + (row * xStride));
            var to = (float*)(y + (row * yStride));
            nint i = 0;
            for (; i + Simd.Width <= width; i += Simd.Width)
                Simd.Store(to + i, Simd.MultiplyAdd(Simd.Load(from + i), factors, Simd.Load(to + i)));
            if (i < width)
                Simd.StorePartial(to + i, Simd.MultiplyAdd(Simd.LoadPartial(from + i, width - i), factors, Simd.LoadPartial(to + i, width - i)), width - i);
        }
    }
}
