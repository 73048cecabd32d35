using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Rotates queries in place and keys on their way into the cache; stores values (docs/numerics.md, "Rotary embedding", "Key-value cache").</summary>
[KernelTemplate]
public static unsafe class CacheStore
{
    /// <summary>Rows <paramref name="first"/> to <paramref name="last"/> - 1 of a pass, for one layer.</summary>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="x">Rows with queries, keys and values.</param>
    /// <param name="xStride">Bytes from one row to the next.</param>
    /// <param name="queryColumn">First value of the queries in a row.</param>
    /// <param name="keyColumn">First value of the keys.</param>
    /// <param name="valueColumn">First value of the values.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key-value heads.</param>
    /// <param name="rotary">[context, pairs, 2] cosines and sines; not read if <paramref name="pairs"/> is 0.</param>
    /// <param name="pairs">Rotated pairs of a head, at most half its size.</param>
    /// <param name="unitOffset">Bytes from the start of a page to the layer's first unit.</param>
    /// <param name="unitBytes">Bytes of a unit (<see cref="CachePages.UnitBytes"/>).</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.Bytes"/>.</param>
    /// <param name="first">First row.</param>
    /// <param name="last">Row after the last.</param>
    public static void Run(
        [Constant] KeyValueFormat format,
        [Constant] int headSize,
        SequenceSlice* sequences,
        byte* x,
        nint xStride,
        nint queryColumn,
        nint keyColumn,
        nint valueColumn,
        nint heads,
        nint keyValueHeads,
        float* rotary,
        nint pairs,
        nint unitOffset,
        nint unitBytes,
        byte* scratch,
        nint first,
        nint last)
    {
        var sequence = sequences;
        for (var row = first; row < last; row++)
        {
            sequence = SequenceRows.Of(sequence, row);
            var position = sequence->Position + (row - sequence->FirstRow);
            var unit = sequence->Pages[position / CachePages.Positions] + unitOffset;
            var values = (float*)(x + (row * xStride));
            var angles = rotary + (position * 2 * pairs);
            if (pairs != 0)
            {
                for (nint head = 0; head < heads; head++)
                {
                    var query = values + queryColumn + (head * headSize);
                    Rotation.Rotate(headSize, query, angles, pairs, query);
                }
            }

            for (nint head = 0; head < keyValueHeads; head++)
            {
                var column = head * headSize;
                Heads(format, headSize, values + keyColumn + column, values + valueColumn + column, angles, pairs, unit + (head * unitBytes), position % CachePages.Positions, scratch);
            }
        }
    }

    private static void Heads(
        [Constant] KeyValueFormat format,
        [Constant] int headSize,
        float* key,
        float* value,
        float* angles,
        nint pairs,
        byte* unit,
        nint slot,
        byte* scratch)
    {
        var padded = (float*)scratch;
        var rounded = scratch + (CachedHead.PaddedSize(headSize) * sizeof(float));
        for (nint d = headSize; d < CachedHead.PaddedSize(headSize); d++)
            padded[d] = 0f;
        Rotation.Rotate(headSize, key, angles, pairs, padded);
        CachedHead.Store(format, headSize, true, padded, unit, slot, rounded);
        for (nint d = 0; d < headSize; d++)
            padded[d] = value[d];
        CachedHead.Store(format, headSize, false, padded, unit, slot, rounded);
    }
}
