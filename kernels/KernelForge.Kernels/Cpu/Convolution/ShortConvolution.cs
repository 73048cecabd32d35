using System.Runtime.CompilerServices;
using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>after * convolution(before * value), column by column, over what a cache keeps of a token and the few before it (docs/numerics.md).</summary>
[KernelTemplate]
public static unsafe class ShortConvolution
{
    /// <summary>Columns <paramref name="first"/> to <paramref name="last"/> - 1 of all rows of a pass, for one layer.</summary>
    /// <param name="isHalf">Whether the cache keeps binary16; otherwise binary32.</param>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="sequenceCount">Number of <paramref name="sequences"/>.</param>
    /// <param name="x">Rows with all three inputs.</param>
    /// <param name="xStride">Bytes from one row to the next.</param>
    /// <param name="beforeColumn">First value in a row of what multiplies values before.</param>
    /// <param name="afterColumn">First value of what multiplies results.</param>
    /// <param name="valueColumn">First of the values.</param>
    /// <param name="width">Values of each.</param>
    /// <param name="taps">[taps, width], the token's own last.</param>
    /// <param name="count">Number of taps.</param>
    /// <param name="bias">[width], or null.</param>
    /// <param name="offset">Bytes from the start of a page to what the layer keeps: [64, width padded to 32].</param>
    /// <param name="y">Result rows.</param>
    /// <param name="yStride">Bytes from one row to the next.</param>
    /// <param name="first">First column, a multiple of 32.</param>
    /// <param name="last">Column after the last, a multiple of 32; may lie beyond the width.</param>
    public static void Run(
        [Constant] bool isHalf,
        SequenceSlice* sequences,
        nint sequenceCount,
        byte* x,
        nint xStride,
        nint beforeColumn,
        nint afterColumn,
        nint valueColumn,
        nint width,
        float* taps,
        nint count,
        float* bias,
        nint offset,
        byte* y,
        nint yStride,
        nint first,
        nint last)
    {
        var kept = (width + 31) / 32 * 32 * (isHalf ? 2 : 4);
        for (nint i = 0; i < sequenceCount; i++)
        {
            var sequence = sequences + i;
            for (nint row = 0; row < sequence->Rows; row++)
            {
                var position = sequence->Position + row;
                var from = (float*)(x + ((sequence->FirstRow + row) * xStride));
                var to = (float*)(y + ((sequence->FirstRow + row) * yStride));
                var own = sequence->Pages[position / CachePages.Positions] + offset + (position % CachePages.Positions * kept);
                var missing = position + 1 < count ? count - 1 - position : 0;
                for (var column = first; column < last; column += Simd.Width)
                {
                    var rest = width - column;
                    Keep(isHalf, own, column, Simd.Multiply(Read(from + beforeColumn + column, rest), Read(from + valueColumn + column, rest)));
                    var sum = Simd.Zero();
                    for (var tap = missing; tap < count; tap++)
                    {
                        var at = position - (count - 1) + tap;
                        var page = sequence->Pages[at / CachePages.Positions] + offset + (at % CachePages.Positions * kept);
                        sum = Simd.MultiplyAdd(Read(taps + (tap * width) + column, rest), Kept(isHalf, page, column), sum);
                    }

                    if (bias != null)
                        sum = Simd.Add(sum, Read(bias + column, rest));
                    var result = Simd.Multiply(Read(from + afterColumn + column, rest), sum);
                    if (Simd.Width <= rest)
                        Simd.Store(to + column, result);
                    else
                        Simd.StorePartial(to + column, result, rest);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatVector Read(float* p, nint rest)
    {
        if (Simd.Width <= rest)
            return Simd.Load(p);
        return Simd.LoadPartial(p, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatVector Kept([Constant] bool isHalf, byte* row, nint column)
    {
        if (isHalf)
            return Simd.LoadHalf(row + (2 * column));
        return Simd.Load((float*)row + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep([Constant] bool isHalf, byte* row, nint column, FloatVector product)
    {
        if (isHalf)
            Simd.StoreHalf(row + (2 * column), product);
        else
            Simd.Store((float*)row + column, product);
    }
}
