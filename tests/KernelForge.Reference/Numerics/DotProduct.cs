using System.Runtime.CompilerServices;
using KernelForge.Plans;

namespace KernelForge.Reference.Numerics;

/// <summary>One row of a matrix times one token, in segments of 2,048 columns (docs/numerics.md, "Matrix products").</summary>
public static class DotProduct
{
    /// <summary>Columns summed before the sum joins the total.</summary>
    public const int SegmentLength = 2048;

    private const int BlockLength = QuantizedRow.BlockLength;
    private const int BlocksPerSegment = SegmentLength / BlockLength;

    /// <summary>Quantized weights and activations: exact integers in a block, float between blocks.</summary>
    /// <param name="layout">Int4, Int4Minimum or Int8.</param>
    /// <param name="codes">Unsigned codes, one a column.</param>
    /// <param name="scales">One a block of 32 columns.</param>
    /// <param name="minima">One a block for Int4Minimum, otherwise empty.</param>
    /// <param name="row">The token.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantized(
        PackedLayout layout, ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, ReadOnlySpan<float> minima, QuantizedRow row)
    {
        var offset = layout switch
        {
            PackedLayout.Int4 => 8,
            PackedLayout.Int4Minimum => 0,
            PackedLayout.Int8 => 128,
            _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "Not a layout of codes."),
        };
        var total = 0f;
        for (var segment = 0; segment < scales.Length; segment += BlocksPerSegment)
        {
            var accumulator = 0f;
            for (var block = segment; block < Math.Min(segment + BlocksPerSegment, scales.Length); block++)
            {
                var u = codes.Slice(block * BlockLength, BlockLength);
                var a = row.Codes.AsSpan(block * BlockLength, BlockLength);
                var sum = 0;
                for (var k = 0; k < u.Length && k < a.Length; k++)
                    sum += u[k] * a[k];
                sum -= offset * row.Sums[block];
                accumulator = MathF.FusedMultiplyAdd(sum, scales[block] * row.Scales[block], accumulator);
                if (layout == PackedLayout.Int4Minimum)
                    accumulator = MathF.FusedMultiplyAdd(minima[block], row.ScaledSums[block], accumulator);
            }

            total = segment == 0 ? accumulator : total + accumulator;
        }

        return total;
    }

    /// <summary>Weights as exact float32 values and float32 activations: one fma a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Float(ReadOnlySpan<float> weights, ReadOnlySpan<float> row)
    {
        var total = 0f;
        for (var segment = 0; segment < weights.Length; segment += SegmentLength)
        {
            var length = Math.Min(SegmentLength, weights.Length - segment);
            var w = weights.Slice(segment, length);
            var x = row.Slice(segment, length);
            var accumulator = 0f;
            for (var k = 0; k < w.Length && k < x.Length; k++)
                accumulator = MathF.FusedMultiplyAdd(w[k], x[k], accumulator);
            total = segment == 0 ? accumulator : total + accumulator;
        }

        return total;
    }
}
