using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Kernels.Tests;

/// <summary>Random activations and their rows in memory.</summary>
internal static class Rows
{
    public static float[][] Random(Random random, int rows, int width)
    {
        var result = new float[rows][];
        for (var row = 0; row < rows; row++)
        {
            result[row] = new float[width];
            for (var i = 0; i < width; i++)
            {
                result[row][i] = random.Next(16) switch
                {
                    0 => 0f,
                    1 => (random.NextSingle() - 0.5f) * 40f,
                    2 => (random.NextSingle() - 0.5f) * 1e-20f,
                    _ => (random.NextSingle() - 0.5f) * 4f,
                };
            }

            // A block of nothing but zeros and one of nothing but denormals.
            if (row % 3 == 1 && width >= 32)
                result[row].AsSpan(0, 32).Clear();
            if (row % 3 == 2 && width >= 32)
                result[row].AsSpan(0, 32).Fill(-1e-40f);

            // The edges of INT12: the smallest block that is not zero, and magnitudes that share a scale.
            if (row % 5 == 3 && width >= 64)
                (result[row][32], result[row][33], result[row][34]) = (MathF.ScaleB(1f, -96), MathF.ScaleB(1f, -100), -MathF.ScaleB(1.9999f, -97));
            for (var i = 35; row % 5 == 3 && width >= 64 && i < 64; i++)
                result[row][i] = 0;
            if (row % 5 == 4 && width >= 96)
                (result[row][64], result[row][65], result[row][66]) = (MathF.ScaleB(1.999f, 95), -MathF.ScaleB(1.5f, 96), MathF.ScaleB(1.7f, 84));
        }

        return result;
    }

    public static int FloatStride(int width) => ((width * 4) + 63) / 64 * 64;

    /// <summary>The quantized formats, for the oracle and, by the same numbers, for kernels.</summary>
    public static ActivationFormat[] QuantizedFormats { get; } = [ActivationFormat.Int8, ActivationFormat.Int12];

    public static int QuantizedStride(int width, ActivationFormat format) => PackedLayouts.RowBytes(width, format);

    /// <summary>Rows of float32; the padding is NaN, which no result may depend on.</summary>
    public static NativeBuffer Float(float[][] rows)
    {
        var stride = FloatStride(rows[0].Length);
        var buffer = new NativeBuffer((long)rows.Length * stride);
        buffer.Span<float>().Fill(float.NaN);
        for (var row = 0; row < rows.Length; row++)
            rows[row].CopyTo(buffer.Span<float>(row * stride, rows[row].Length));
        return buffer;
    }

    public static NativeBuffer Quantized(QuantizedRow[] rows, int width)
    {
        var stride = QuantizedStride(width, rows[0].Format);
        var buffer = new NativeBuffer((rows.Length + 15L) / 16 * 16 * stride, fill: 0xFF);
        for (var row = 0; row < rows.Length; row++)
            Write(rows[row], buffer, row * stride);
        return buffer;
    }

    public static void ShouldBeQuantized(NativeBuffer buffer, int row, int width, QuantizedRow expected, string what)
    {
        var offset = (long)row * QuantizedStride(width, expected.Format);
        var blocks = expected.Scales.Length;
        var codes = CodeBytes(expected);
        var padded = codes.Length;
        buffer.Span<sbyte>(offset, padded).ToArray().ShouldBe(codes, $"{what}: codes of row {row}");
        ShouldEqual(buffer.Span<float>(offset + padded, blocks), expected.Scales, $"{what}: scales of row {row}");
        buffer.Span<int>(offset + padded + (4 * blocks), blocks).ToArray().ShouldBe(expected.Sums, $"{what}: sums of row {row}");
        ShouldEqual(buffer.Span<float>(offset + padded + (8 * blocks), blocks), expected.ScaledSums, $"{what}: scaled sums of row {row}");
        if (expected.Format == ActivationFormat.Int12)
            buffer.Span<ushort>(offset + PackedLayouts.BFloat16Offset(blocks), expected.Codes.Length).ToArray().ShouldBe(BFloat16(expected), $"{what}: values of row {row}");
    }

    /// <summary>Equal bit for bit.</summary>
    public static void ShouldEqual(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, string what)
    {
        actual.Length.ShouldBe(expected.Length, what);
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(actual[i]) != BitConverter.SingleToInt32Bits(expected[i]))
                throw new ShouldAssertException($"{what}: value {i} is {actual[i]:R}, should be {expected[i]:R}");
        }
    }

    /// <summary>INT8 codes; of each block of INT12 codes the high digits, then the low ones.</summary>
    private static sbyte[] CodeBytes(QuantizedRow row) => row.Format == ActivationFormat.Int8
        ? [.. row.Codes.Select(code => (sbyte)code)]
        : [.. row.Codes.Chunk(QuantizedRow.BlockLength).SelectMany(block => block.Select(HighDigit).Concat(block.Select(code => (sbyte)(code - (16 * HighDigit(code))))))];

    /// <summary>Code times scale, whose lower half is empty.</summary>
    private static ushort[] BFloat16(QuantizedRow row) =>
        [.. row.Codes.Select((code, i) => BitConverter.SingleToUInt32Bits(code * row.Scales[i / QuantizedRow.BlockLength])).Select(bits => (bits & 0xFFFF) == 0 ? (ushort)(bits >> 16) : throw new ArithmeticException("no bfloat16"))];

    private static sbyte HighDigit(short code) => (sbyte)Math.Floor(code / 16.0);

    private static void Write(QuantizedRow row, NativeBuffer buffer, long offset)
    {
        var blocks = row.Scales.Length;
        var codes = CodeBytes(row);
        var padded = codes.Length;
        codes.CopyTo(buffer.Span<sbyte>(offset, padded));
        row.Scales.CopyTo(buffer.Span<float>(offset + padded, blocks));
        row.Sums.CopyTo(buffer.Span<int>(offset + padded + (4 * blocks), blocks));
        row.ScaledSums.CopyTo(buffer.Span<float>(offset + padded + (8 * blocks), blocks));
        if (row.Format == ActivationFormat.Int12)
            BFloat16(row).CopyTo(buffer.Span<ushort>(offset + PackedLayouts.BFloat16Offset(blocks), row.Codes.Length));
    }
}
