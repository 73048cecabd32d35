namespace KernelForge.Kernels;

/// <summary>Rows on their way to experts, and the sums of what these give (docs/numerics.md, "Mixture of experts"). Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class ExpertSum
{
    /// <summary>For tokens <paramref name="first"/> to <paramref name="last"/> - 1: the sum of weight * row, or of rows, over their experts, by ascending index.</summary>
    public static void Run([Constant] bool isWeighted, byte* x, nint xStride, int* routing, nint tokens, nint active, byte* y, nint yStride, nint width, nint first, nint last)
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
                {
                    var value = Simd.Load((float*)(x + (rows[slot] * xStride)) + i);
                    sum = isWeighted ? Simd.MultiplyAdd(Simd.Broadcast(weights[slot]), value, sum) : Simd.Add(sum, value);
                }

                if (i + Simd.Width <= width)
                    Simd.Store(to + i, sum);
                else
                    Simd.StorePartial(to + i, sum, width - i);
            }
        }
    }

    /// <summary>For tokens <paramref name="first"/> to <paramref name="last"/> - 1: weight * row into the row of each of their experts, sorted by expert; quantized where wanted.</summary>
    public static void Weigh(
        [Constant] ActivationLayout activations, byte* x, nint xStride, int* routing, nint tokens, nint active, byte* y, nint yStride, nint width, nint first, nint last)
    {
        var n = tokens * active;
        var blocks = (width + (Quantization.BlockLength - 1)) / Quantization.BlockLength;
        for (var i = first * active; i < last * active; i++)
        {
            var weight = Simd.Broadcast(((float*)(routing + n))[i]);
            var from = (float*)(x + (i / active * xStride));
            var to = y + (routing[(2 * n) + i] * yStride);
            if (activations == ActivationLayout.Float)
            {
                for (nint d = 0; d < width; d += Simd.Width)
                    Simd.StorePartial((float*)to + d, Simd.Multiply(Simd.LoadPartial(from + d, width - d), weight), width - d);
            }
            else
            {
                for (nint block = 0; block < blocks; block++)
                {
                    var values = new Registers<FloatVector>(Quantization.Vectors);
                    Quantization.Load(ref values, from, block, width);
                    foreach (var v in Unroll.Range(Quantization.Vectors))
                        values[v] = Simd.Multiply(values[v], weight);
                    Quantization.Store(activations, ref values, to, block, blocks);
                }
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
