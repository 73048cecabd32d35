namespace KernelForge.Kernels;

/// <summary>Sums of rows. Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class RowSum
{
    /// <summary>y += factor * x in rows <paramref name="first"/> to <paramref name="last"/> - 1, each value rounded once.</summary>
    public static void Add(byte* x, nint xStride, byte* y, nint yStride, nint width, float factor, nint first, nint last) =>
        AddTimes(x, xStride, y, yStride, width, Simd.Broadcast(factor), first, last);

    /// <summary>y += factor * tanh(gate) * x, the two factors' product rounded first.</summary>
    public static void AddGated(byte* x, nint xStride, byte* y, nint yStride, nint width, float factor, float* gate, nint first, nint last) =>
        AddTimes(x, xStride, y, yStride, width, Simd.Multiply(Simd.Broadcast(factor), Activations.Tanh(Simd.Broadcast(*gate))), first, last);

    private static void AddTimes(byte* x, nint xStride, byte* y, nint yStride, nint width, FloatVector factors, nint first, nint last)
    {
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
