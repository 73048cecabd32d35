using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// Stores latents and rotated keys into the cache, and rotates the ends of query heads (docs/numerics.md, "Latent attention"). A unit holds for each
/// position the latent and behind it the key; of INT8 then the 64 scales of latents and the 64 of keys.
/// </summary>
[KernelTemplate]
public static unsafe class LatentStore
{
    /// <summary>Rows <paramref name="first"/> to <paramref name="last"/> - 1 of a pass, for one layer.</summary>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="rank">Values of a latent.</param>
    /// <param name="rotated">Values of a rotated key: whole pairs.</param>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="queries">Rows of query heads, whose last values are rotated.</param>
    /// <param name="queryStride">Bytes from one row to the next.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="headSize">Values of a query head.</param>
    /// <param name="latents">Rows of latents.</param>
    /// <param name="latentStride">Bytes from one row to the next.</param>
    /// <param name="keys">Rows of keys.</param>
    /// <param name="keyStride">Bytes from one row to the next.</param>
    /// <param name="rotary">[context, rotated] cosines and sines.</param>
    /// <param name="unitOffset">Bytes from the start of a page to the layer's unit.</param>
    /// <param name="y">Rows of the rotated ends.</param>
    /// <param name="yStride">Bytes from one row to the next.</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.LatentBytes"/>.</param>
    /// <param name="first">First row.</param>
    /// <param name="last">Row after the last.</param>
    public static void Run(
        [Constant] KeyValueFormat format,
        [Constant] int rank,
        [Constant] int rotated,
        SequenceSlice* sequences,
        byte* queries,
        nint queryStride,
        nint heads,
        nint headSize,
        byte* latents,
        nint latentStride,
        byte* keys,
        nint keyStride,
        float* rotary,
        nint unitOffset,
        byte* y,
        nint yStride,
        byte* scratch,
        nint first,
        nint last)
    {
        var sequence = sequences;
        for (var row = first; row < last; row++)
        {
            sequence = SequenceRows.Of(sequence, row);
            var position = sequence->Position + (row - sequence->FirstRow);
            var angles = rotary + (position * rotated);
            var ends = (float*)(queries + (row * queryStride)) + headSize - rotated;
            for (nint head = 0; head < heads; head++)
                Rotation.Rotate(rotated, ends + (head * headSize), angles, rotated / 2, (float*)(y + (row * yStride)) + (head * rotated));
            var unit = sequence->Pages[position / CachePages.Positions] + unitOffset;
            Latent(format, rank, rotated, (float*)(latents + (row * latentStride)), (float*)(keys + (row * keyStride)), angles, unit, position % CachePages.Positions, scratch);
        }
    }

    private static void Latent(
        [Constant] KeyValueFormat format, [Constant] int rank, [Constant] int rotated, float* latent, float* key, float* angles, byte* unit, nint slot, byte* scratch)
    {
        var padded = (float*)scratch;
        var rounded = scratch + ((CachedHead.PaddedSize(rank) + CachedHead.PaddedSize(rotated)) * sizeof(float));
        var scales = (float*)(unit + (CachePages.Positions * (rank + rotated))) + slot;
        var to = unit + (slot * (rank + rotated) * CachedHead.ElementBytes(format));
        for (nint d = 0; d < CachedHead.PaddedSize(rank); d++)
            padded[d] = d < rank ? latent[d] : 0f;
        CachedHead.Round(format, rank, padded, rounded, scales);
        CachedHead.Copy(format, rank, rounded, to, 1);
        for (nint d = rotated; d < CachedHead.PaddedSize(rotated); d++)
            padded[d] = 0f;
        Rotation.Rotate(rotated, key, angles, rotated / 2, padded);
        CachedHead.Round(format, rotated, padded, rounded, scales + CachePages.Positions);
        CachedHead.Copy(format, rotated, rounded, to + (rank * CachedHead.ElementBytes(format)), 1);
    }

    /// <summary>Floats of a position that <see cref="Load"/> writes: latent, key, and zeros up to what every instruction set has whole vectors of.</summary>
    public static int RowLength([Constant] int rank, [Constant] int rotated) => CachedHead.PaddedSize(rank + CachedHead.PaddedSize(rotated));

    /// <summary>The first <paramref name="count"/> positions of a unit as float32: [count, <see cref="RowLength"/>].</summary>
    public static void Load([Constant] KeyValueFormat format, [Constant] int rank, [Constant] int rotated, byte* unit, nint count, float* rows)
    {
        var scales = (float*)(unit + (CachePages.Positions * (rank + rotated)));
        for (nint p = 0; p < count; p++)
        {
            var from = unit + (p * (rank + rotated) * CachedHead.ElementBytes(format));
            var to = rows + (p * RowLength(rank, rotated));

            // What the first writes beyond its size the second overwrites.
            Spread(format, rank, from, format == KeyValueFormat.Int8 ? scales[p] : 1f, to);
            Spread(format, rotated, from + (rank * CachedHead.ElementBytes(format)), format == KeyValueFormat.Int8 ? scales[CachePages.Positions + p] : 1f, to + rank);
            for (nint d = rank + CachedHead.PaddedSize(rotated); d < RowLength(rank, rotated); d++)
                to[d] = 0f;
        }
    }

    private static void Spread([Constant] KeyValueFormat format, [Constant] int size, byte* from, float scale, float* to)
    {
        nint d = 0;
        for (; d + Simd.Width <= size; d += Simd.Width)
        {
            var value = CachedHead.Values(format, from + (d * CachedHead.ElementBytes(format)));
            Simd.Store(to + d, format == KeyValueFormat.Int8 ? Simd.Multiply(value, Simd.Broadcast(scale)) : value);
        }

        for (; d < CachedHead.PaddedSize(size); d++)
            to[d] = d < size ? CachedHead.Value(format, from + (d * CachedHead.ElementBytes(format)), scale) : 0f;
    }
}
