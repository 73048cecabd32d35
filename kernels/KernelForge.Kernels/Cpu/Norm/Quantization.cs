namespace KernelForge.Kernels;

/// <summary>INT8 activations in blocks of 32 (docs/numerics.md). A row is codes, scales, sums of codes, scaled sums.</summary>
[KernelTemplate]
public static unsafe class Quantization
{
    /// <summary>Values that share a scale.</summary>
    public const int BlockLength = 32;

    /// <summary>Vectors of a block.</summary>
    public const int Vectors = BlockLength / Simd.Width;

    /// <summary>Quantizes rows <paramref name="first"/> to <paramref name="last"/> - 1. Strides are in bytes.</summary>
    public static void Rows(byte* x, nint xStride, byte* y, nint yStride, nint width, nint first, nint last)
    {
        var blocks = (width + (BlockLength - 1)) / BlockLength;
        for (var row = first; row < last; row++)
        {
            for (nint block = 0; block < blocks; block++)
            {
                var values = new Registers<FloatVector>(Vectors);
                Load(ref values, (float*)(x + (row * xStride)), block, width);
                Store(ref values, y + (row * yStride), block, blocks);
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
    public static void Store(ref Registers<FloatVector> values, byte* y, nint block, nint blocks)
    {
        var magnitude = Simd.Abs(values[0]);
        foreach (var v in Unroll.Range(1, Vectors))
            magnitude = Simd.Max(magnitude, Simd.Abs(values[v]));
        var largest = Simd.MaxLanes(magnitude);
        var isZero = largest < 1.262177448353619e-29f; // 2^-96
        var scale = isZero ? 0f : largest / 127f;
        var inverse = Simd.Broadcast(isZero ? 0f : 127f / largest);
        var total = Simd.BroadcastInt(0);
        foreach (var v in Unroll.Range(Vectors))
        {
            // The product is at most 127 and a rounding, so nothing is left to clamp.
            var codes = Simd.ToInt(Simd.Multiply(values[v], inverse));
            Simd.StoreSBytes(y + (block * BlockLength) + (v * Simd.Width), codes);
            total = Simd.AddInt(total, codes);
        }

        var sum = Simd.SumIntLanes(total);
        var scales = (float*)(y + (blocks * BlockLength)) + block;
        scales[0] = scale;
        ((int*)scales)[blocks] = sum;
        scales[2 * blocks] = scale * sum;
    }
}
