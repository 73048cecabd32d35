using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Rotary embedding of a head whose pairs are neighbours (docs/numerics.md).</summary>
[KernelTemplate]
public static unsafe class Rotation
{
    /// <summary>Rotates heads in some columns of the rows in place, where a norm follows before they meet the cache.</summary>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="x">Rows.</param>
    /// <param name="xStride">Bytes from one row to the next.</param>
    /// <param name="column">First value of the heads in a row.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="rotary">[context, pairs, 2] cosines and sines.</param>
    /// <param name="pairs">Rotated pairs of a head.</param>
    /// <param name="first">First row.</param>
    /// <param name="last">Row after the last.</param>
    public static void Heads(
        [Constant] int headSize,
        SequenceSlice* sequences,
        byte* x,
        nint xStride,
        nint column,
        nint heads,
        float* rotary,
        nint pairs,
        nint first,
        nint last)
    {
        var sequence = sequences;
        for (var row = first; row < last; row++)
        {
            sequence = SequenceRows.Of(sequence, row);
            var angles = rotary + ((sequence->Position + (row - sequence->FirstRow)) * 2 * pairs);
            var values = (float*)(x + (row * xStride)) + column;
            for (nint head = 0; head < heads; head++)
                Rotate(headSize, values + (head * headSize), angles, pairs, values + (head * headSize));
        }
    }

    /// <summary>Rotates the first <paramref name="pairs"/> pairs; the rest is copied. May work in place.</summary>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="x">The head.</param>
    /// <param name="angles">[pairs, 2] cosine and sine.</param>
    /// <param name="pairs">Rotated pairs.</param>
    /// <param name="y">Output.</param>
    public static void Rotate([Constant] int headSize, float* x, float* angles, nint pairs, float* y)
    {
        nint i = 0;
        for (; i + Simd.Width <= 2 * pairs; i += Simd.Width)
            Simd.Store(y + i, Pairs(Simd.Load(x + i), Simd.Load(angles + i)));
        if (i < 2 * pairs)
        {
            var count = (2 * pairs) - i;
            Simd.StorePartial(y + i, Pairs(Simd.LoadPartial(x + i, count), Simd.LoadPartial(angles + i, count)), count);
        }

        if (x != y)
        {
            for (i = 2 * pairs; i < headSize; i++)
                y[i] = x[i];
        }
    }

    private static FloatVector Pairs(FloatVector x, FloatVector angle)
    {
        var rounded = Simd.Multiply(Simd.DuplicateOdd(x), Simd.SwapPairs(angle)); // b * s, b * c
        return Simd.MultiplyAdd(Simd.DuplicateEven(x), angle, Simd.NegateEven(rounded));
    }
}
