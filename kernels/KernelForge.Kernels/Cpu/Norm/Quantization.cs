namespace KernelForge.Kernels;

/// <summary>
/// INT8 and INT12 activations in blocks of 32 (docs/numerics.md). A row is its blocks' codes, then scales, sums of codes, scaled sums; of INT12 then the
/// values in bfloat16, which matrix units take.
/// </summary>
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

    /// <summary>From an INT12 row to its values in bfloat16.</summary>
    public static nint BFloat16Offset(nint blocks) => ((blocks * ((2 * BlockLength) + 12)) + 63) & ~(nint)63;

    /// <summary>Quantizes a block of the row at <paramref name="y"/>.</summary>
    public static void Store([Constant] ActivationLayout activations, ref Registers<FloatVector> values, byte* y, nint block, nint blocks)
    {
        var magnitude = Simd.Abs(values[0]);
        var zeros = Simd.Multiply(values[0], Simd.Zero());
        foreach (var v in Unroll.Range(1, Vectors))
        {
            magnitude = Simd.Max(magnitude, Simd.Abs(values[v]));
            zeros = Simd.MultiplyAdd(values[v], Simd.Zero(), zeros);
        }

        var largest = Simd.MaxLanes(magnitude);
        var isZero = largest < 1.262177448353619e-29f; // 2^-96; so no value in bfloat16 is a denormal, which matrix units flush
        var scale = isZero ? 0f : activations == ActivationLayout.Int12 ? Int12Scale(largest) : largest / 127f;
        var inverse = Simd.Broadcast(isZero ? 0f : activations == ActivationLayout.Int12 ? 1f / scale : 127f / largest);
        scale += Simd.SumLanes(zeros); // 0, or NaN where a value is not finite: then so is the scale, and the error reaches the logits
        var total = Simd.BroadcastInt(0);
        foreach (var v in Unroll.Range(Vectors))
        {
            // Of INT8 the product is at most the limit and a rounding, so nothing is left to clamp.
            var scaled = Simd.Multiply(values[v], inverse);
            var codes = Simd.ToInt(activations == ActivationLayout.Int12 ? EightBits(scaled) : scaled);
            if (activations == ActivationLayout.Int12)
                StoreInt12(codes, scale, y, block, blocks, v);
            else
                Simd.StoreSBytes(y + (block * BlockLength) + (v * Simd.Width), codes);
            total = Simd.AddInt(total, codes);
        }

        var sum = Simd.SumIntLanes(total);
        var scales = (float*)(y + (blocks * CodeBytes(activations))) + block;
        scales[0] = scale;
        ((int*)scales)[blocks] = sum;
        scales[2 * blocks] = scale * sum;
    }

    /// <summary>The power of two that makes the largest magnitude a number of 11 bits; magnitudes from 2^96 on share one.</summary>
    private static float Int12Scale(float largest)
    {
        var bits = *(int*)&largest & 0x7F800000;
        var power = largest < 7.922816251426434e28f ? *(float*)&bits : 3.961408125713217e28f; // 2^96, 2^95
        return power * 0.0009765625f; // 2^-10
    }

    /// <summary>Magnitudes up to 2,040, rounded to eight significant bits: a bfloat16.</summary>
    private static FloatVector EightBits(FloatVector x)
    {
        var limited = Simd.Max(Simd.Min(x, Simd.Broadcast(2040f)), Simd.Broadcast(-2040f));
        var shifted = Simd.Multiply(limited, Simd.Broadcast(65537f)); // what is rounded off this product takes the low 16 bits away
        return Simd.Subtract(shifted, Simd.Subtract(shifted, limited));
    }

    private static void StoreInt12(IntVector codes, float scale, byte* y, nint block, nint blocks, [Constant] int v)
    {
        var to = y + (block * 2 * BlockLength) + (v * Simd.Width);
        var high = Simd.HighDigits(codes);
        Simd.StoreSBytes(to, high);
        Simd.StoreSBytes(to + BlockLength, Simd.SubtractInt(codes, Simd.Times16(high)));
        Simd.StoreBFloat16(y + BFloat16Offset(blocks) + (((block * BlockLength) + (v * Simd.Width)) * 2), Simd.Multiply(Simd.ToFloat(codes), Simd.Broadcast(scale)));
    }
}
