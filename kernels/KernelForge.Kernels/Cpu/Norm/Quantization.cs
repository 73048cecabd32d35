namespace KernelForge.Kernels;

/// <summary>INT8 and INT12 activations in blocks of 32 (docs/numerics.md). A row is its blocks' codes, then scales, sums of codes, scaled sums.</summary>
[KernelTemplate]
public static unsafe class Quantization
{
    /// <summary>Values that share a scale.</summary>
    public const int BlockLength = 32;

    /// <summary>Vectors of a block.</summary>
    public const int Vectors = BlockLength / Simd.Width;

    /// <summary>Bytes of a block's codes; of INT12 the 32 high digits come first, then the 32 low ones.</summary>
    public static int CodeBytes([Constant] ActivationLayout activations) => activations == ActivationLayout.Int12 ? 2 * BlockLength : BlockLength;

    /// <summary>Quantizes rows <paramref name="first"/> to <paramref name="last"/> - 1. Strides are in bytes.</summary>
    public static void Rows([Constant] ActivationLayout activations, byte* x, nint xStride, byte* y, nint yStride, nint width, nint first, nint last)
    {
        var blocks = (width + (BlockLength - 1)) / BlockLength;
        for (var row = first; row < last; row++)
        {
            for (nint block = 0; block < blocks; block++)
            {
                var values = new Registers<FloatVector>(Vectors);
                Load(ref values, (float*)(x + (row * xStride)), block, width);
                Store(activations, ref values, y + (row * yStride), block, blocks);
            }
        }
    }

    /// <summary>Reads a block of a row, zeros beyond its width.</summary>
    public static void Load(ref Registers<FloatVector> values, float* x, nint block, nint width)
    {
        var start = block * BlockLength;
        if (start + BlockLength <= width)
        {
            foreach (var v in Unroll.Range(Vectors))
                values[v] = Simd.Load(x + start + (v * Simd.Width));
        }
        else
        {
            foreach (var v in Unroll.Range(Vectors))
                values[v] = Simd.LoadPartial(x + start + (v * Simd.Width), width - start - (v * Simd.Width));
        }
    }

    /// <summary>Quantizes a block of the row at <paramref name="y"/>.</summary>
    public static void Store([Constant] ActivationLayout activations, ref Registers<FloatVector> values, byte* y, nint block, nint blocks)
    {
        var magnitude = Simd.Abs(values[0]);
        foreach (var v in Unroll.Range(1, Vectors))
            magnitude = Simd.Max(magnitude, Simd.Abs(values[v]));
        var largest = Simd.MaxLanes(magnitude);
        var isZero = largest < 1.262177448353619e-29f; // 2^-96
        var limit = activations == ActivationLayout.Int12 ? 2047f : 127f;
        var scale = isZero ? 0f : largest / limit;
        var inverse = Simd.Broadcast(isZero ? 0f : limit / largest);
        var total = Simd.BroadcastInt(0);
        foreach (var v in Unroll.Range(Vectors))
        {
            // The product is at most the limit and a rounding, so nothing is left to clamp.
            var codes = Simd.ToInt(Simd.Multiply(values[v], inverse));
            var to = y + (block * CodeBytes(activations)) + (v * Simd.Width);
            if (activations == ActivationLayout.Int12)
            {
                var high = Simd.HighDigits(codes);
                Simd.StoreSBytes(to, high);
                Simd.StoreSBytes(to + BlockLength, Simd.SubtractInt(codes, Simd.Times16(high)));
            }
            else
            {
                Simd.StoreSBytes(to, codes);
            }

            total = Simd.AddInt(total, codes);
        }

        var sum = Simd.SumIntLanes(total);
        var scales = (float*)(y + (blocks * CodeBytes(activations))) + block;
        scales[0] = scale;
        ((int*)scales)[blocks] = sum;
        scales[2 * blocks] = scale * sum;
    }
}
