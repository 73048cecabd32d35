namespace KernelForge.Kernels;

/// <summary>Root mean square norm (docs/numerics.md). Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class RmsNorm
{
    /// <summary>Norm of rows <paramref name="first"/> to <paramref name="last"/> - 1, as float32. May work in place.</summary>
    public static void Store(byte* x, nint xStride, float* weight, byte* y, nint yStride, nint width, float epsilon, nint first, nint last)
    {
        for (var row = first; row < last; row++)
        {
            var from = (float*)(x + (row * xStride));
            var to = (float*)(y + (row * yStride));
            var factor = Simd.Broadcast(Factor(from, width, epsilon));
            nint i = 0;
            for (; i + Simd.Width <= width; i += Simd.Width)
                Simd.Store(to + i, Simd.Multiply(Simd.Multiply(Simd.Load(from + i), factor), Simd.Load(weight + i)));
            if (i < width)
                Simd.StorePartial(to + i, Simd.Multiply(Simd.Multiply(Simd.LoadPartial(from + i, width - i), factor), Simd.Load(weight + i)), width - i);
        }
    }

    /// <summary>The same, quantized: a row of <paramref name="y"/> is codes, scales, sums, scaled sums.</summary>
    public static void Quantize(
        [Constant] ActivationLayout activations,
        byte* x,
        nint xStride,
        float* weight,
        byte* y,
        nint yStride,
        nint width,
        float epsilon,
        nint first,
        nint last)
    {
        var blocks = (width + (Quantization.BlockLength - 1)) / Quantization.BlockLength;
        for (var row = first; row < last; row++)
        {
            var from = (float*)(x + (row * xStride));
            var factor = Simd.Broadcast(Factor(from, width, epsilon));
            for (nint block = 0; block < blocks; block++)
            {
                var values = new Registers<FloatVector>(Quantization.Vectors);
                Quantization.Load(ref values, from, block, width);
                foreach (var v in Unroll.Range(Quantization.Vectors))
                {
                    var w = Simd.Load(weight + (block * Quantization.BlockLength) + (v * Simd.Width));
                    values[v] = Simd.Multiply(Simd.Multiply(values[v], factor), w);
                }

                Quantization.Store(activations, ref values, y + (row * yStride), block, blocks);
            }
        }
    }

    private static float Factor(float* x, nint width, float epsilon)
    {
        var lanes = new Registers<FloatVector>(LaneSum.Vectors);
        foreach (var v in Unroll.Range(LaneSum.Vectors))
            lanes[v] = Simd.Zero();
        nint i = 0;
        for (; i + 16 <= width; i += 16)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
            {
                var value = Simd.Load(x + i + (v * Simd.Width));
                lanes[v] = Simd.MultiplyAdd(value, value, lanes[v]);
            }
        }

        if (i < width)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
            {
                var value = Simd.LoadPartial(x + i + (v * Simd.Width), width - i - (v * Simd.Width));
                lanes[v] = Simd.MultiplyAdd(value, value, lanes[v]);
            }
        }

        LaneSum.Fold(ref lanes);
        return 1f / MathF.Sqrt((Simd.SumLanes(lanes[0]) / width) + epsilon);
    }
}
