namespace KernelForge.Kernels;

/// <summary>Weighted sums of rows (docs/numerics.md, "Mixture of experts"). Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class ExpertSum
{
    /// <summary>For tokens <paramref name="first"/> to <paramref name="last"/> - 1: the sum of weight * row over their experts, by ascending index.</summary>
    public static void Run(byte* x, nint xStride, int* routing, nint tokens, nint active, byte* y, nint yStride, nint width, nint first, nint last)
    {
        var n = tokens * active;
        for (var token = first; token < last; token++)
        {
            var weights = (float*)(routing + n) + (token * active);
            var rows = routing + (2 * n) + (token * active);
            var to = (float*)(y + (token * yStride));
            for (nint i = 0; i < width; i += Simd.Width)
            {
                var sum = Simd.Zero();
                for (nint slot = 0; slot < active; slot++)
                    sum = Simd.MultiplyAdd(Simd.Broadcast(weights[slot]), Simd.Load((float*)(x + (rows[slot] * xStride)) + i), sum);
                if (i + Simd.Width <= width)
                    Simd.Store(to + i, sum);
                else
                    Simd.StorePartial(to + i, sum, width - i);
            }
        }
    }

    /// <summary>y = x * sigmoid(gate) in rows <paramref name="first"/> to <paramref name="last"/> - 1; a gate is the first value of its row.</summary>
    public static void Gate(byte* x, nint xStride, byte* gates, nint gateStride, byte* y, nint yStride, nint width, nint first, nint last)
    {
        for (var row = first; row < last; row++)
        {
            var e = Exponential.Exp(Simd.Negate(Simd.Broadcast(*(float*)(gates + (row * gateStride)))));
            var factor = Simd.Divide(Simd.Broadcast(1f), Simd.Add(Simd.Broadcast(1f), e));
            var from = (float*)(x + (row * xStride));
            var to = (float*)(y + (row * yStride));
            for (nint i = 0; i < width; i += Simd.Width)
                Simd.StorePartial(to + i, Simd.Multiply(Simd.LoadPartial(from + i, width - i), factor), width - i);
        }
    }
}
