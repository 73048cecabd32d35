using KernelForge.Plans;

namespace KernelForge.Reference.Numerics;

/// <summary>One row of INT8 or INT12 activations in blocks of 32 (docs/numerics.md, "Quantized activations").</summary>
public sealed class QuantizedRow
{
    /// <summary>Values that share a scale.</summary>
    public const int BlockLength = 32;

    /// <summary>A block whose largest magnitude lies below this is all zeros.</summary>
    public const float SmallestMagnitude = 1.262177448353619e-29f; // 2^-96

    /// <summary>Quantizes a row; the last block is padded with zeros.</summary>
    public QuantizedRow(ReadOnlySpan<float> values, ActivationFormat format = ActivationFormat.Int8)
    {
        if (format == ActivationFormat.Float)
            throw new ArgumentOutOfRangeException(nameof(format), format, "Not a format of codes.");
        Format = format;
        Length = values.Length;
        var blocks = (values.Length + BlockLength - 1) / BlockLength;
        Codes = new short[blocks * BlockLength];
        Scales = new float[blocks];
        Sums = new int[blocks];
        ScaledSums = new float[blocks];
        for (var block = 0; block < blocks; block++)
        {
            var start = block * BlockLength;
            var length = Math.Min(BlockLength, values.Length - start);
            var codes = Codes.AsSpan(start, BlockLength);
            Scales[block] = format == ActivationFormat.Int8 ? Quantize(values.Slice(start, length), codes) : QuantizeInt12(values.Slice(start, length), codes);
            foreach (var code in codes)
                Sums[block] += code;
            ScaledSums[block] = Scales[block] * Sums[block];
        }
    }

    /// <summary>Int8 or Int12.</summary>
    public ActivationFormat Format { get; }

    /// <summary>Values of the row, not padded.</summary>
    public int Length { get; }

    /// <summary>Codes -127 to 127, or -2,040 to 2,040 of eight significant bits, padded to whole blocks.</summary>
    public short[] Codes { get; }

    /// <summary>One a block: the value is code * scale.</summary>
    public float[] Scales { get; }

    /// <summary>One a block: the sum of its codes.</summary>
    public int[] Sums { get; }

    /// <summary>One a block: scale * sum, rounded once; of INT12 it is exact.</summary>
    public float[] ScaledSums { get; }

    /// <summary>Quantizes up to a row of values under one scale, which is returned; the largest magnitude becomes 127.</summary>
    public static float Quantize(ReadOnlySpan<float> values, Span<short> codes)
    {
        const int Limit = 127;
        codes.Clear();
        var largest = Largest(values);
        if (largest < SmallestMagnitude)
            return 0f;

        var inverse = Limit / largest;
        for (var i = 0; i < values.Length; i++)
            codes[i] = (short)Math.Clamp(MathF.Round(values[i] * inverse, MidpointRounding.ToEven), -Limit, Limit);
        return largest / Limit;
    }

    /// <summary>Quantizes a block to INT12 codes; the scale is a power of two.</summary>
    private static float QuantizeInt12(ReadOnlySpan<float> values, Span<short> codes)
    {
        codes.Clear();
        var largest = Largest(values);
        if (largest < SmallestMagnitude)
            return 0f;

        var scale = MathF.ScaleB(1f, Math.Min(MathF.ILogB(largest), 95) - 10);
        for (var i = 0; i < values.Length; i++)
        {
            var limited = Math.Clamp(values[i] / scale, -2040f, 2040f);
            var shifted = limited * 65537f;
            codes[i] = (short)MathF.Round(shifted - (shifted - limited), MidpointRounding.ToEven);
        }

        return scale;
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values)
            largest = MathF.Max(largest, MathF.Abs(value));
        return largest;
    }
}
