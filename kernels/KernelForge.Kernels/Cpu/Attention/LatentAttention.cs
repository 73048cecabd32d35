using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// Attention of all heads over the latents and rotated keys of a cache (docs/numerics.md, "Latent attention"). A block of 64 positions is read and
/// converted once for a tile of query rows: when one token is decoded, once for all heads of a worker.
/// </summary>
[KernelTemplate]
public static unsafe class LatentAttention
{
    /// <summary>This worker's share of all rows and heads of a pass, for one layer.</summary>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="rank">Values of a latent.</param>
    /// <param name="rotated">Values of a rotated key.</param>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="sequenceCount">Number of <paramref name="sequences"/>.</param>
    /// <param name="latents">Rows of what multiplies latents, [heads, rank].</param>
    /// <param name="latentStride">Bytes from one row to the next.</param>
    /// <param name="ends">Rows of what multiplies rotated keys, [heads, rotated].</param>
    /// <param name="endStride">Bytes from one row to the next.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="unitOffset">Bytes from the start of a page to the layer's unit.</param>
    /// <param name="y">Rows of weighted latents, [heads, rank].</param>
    /// <param name="yStride">Bytes from one row to the next.</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.LatentBytes"/>.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="workers">Number of workers.</param>
    public static void Run(
        [Constant] KeyValueFormat format,
        [Constant] int rank,
        [Constant] int rotated,
        SequenceSlice* sequences,
        nint sequenceCount,
        byte* latents,
        nint latentStride,
        byte* ends,
        nint endStride,
        nint heads,
        float scale,
        nint unitOffset,
        byte* y,
        nint yStride,
        byte* scratch,
        nint worker,
        nint workers)
    {
        nint all = 0;
        for (nint i = 0; i < sequenceCount; i++)
            all += sequences[i].Rows * heads;

        // Tiles as large as they may be, of which all workers get as many.
        var rounds = (all + (workers * KernelScratch.LatentRows) - 1) / (workers * KernelScratch.LatentRows);
        var tileRows = (all + (workers * rounds) - 1) / (workers * rounds);
        nint item = 0;
        for (nint i = 0; i < sequenceCount; i++)
        {
            var sequence = sequences + i;
            var rows = sequence->Rows * heads;
            for (nint row = 0; row < rows; row += tileRows)
            {
                // Back and forth, since later tiles see more blocks.
                var turn = item % (2 * workers);
                item++;
                if (turn != worker && turn != (2 * workers) - 1 - worker)
                    continue;
                var count = rows - row < tileRows ? rows - row : tileRows;
                Tile(format, rank, rotated, sequence, latents, latentStride, ends, endStride, heads, row, count, scale, unitOffset, y, yStride, scratch);
            }
        }
    }

    /// <summary>Gathers a tile's queries, attends, and writes the results. A row is one head of one token; rows go by token, then by head.</summary>
    private static void Tile(
        [Constant] KeyValueFormat format,
        [Constant] int rank,
        [Constant] int rotated,
        SequenceSlice* sequence,
        byte* latents,
        nint latentStride,
        byte* ends,
        nint endStride,
        nint heads,
        nint firstRow,
        nint rows,
        float scale,
        nint unitOffset,
        byte* y,
        nint yStride,
        byte* scratch)
    {
        var length = LatentStore.RowLength(rank, rotated);
        var padded = CachedHead.PaddedSize(rank);
        var queries = (float*)scratch;
        var result = queries + (KernelScratch.LatentRows * length);
        var states = result + (KernelScratch.LatentRows * padded);
        var block = states + (KernelScratch.LatentRows * Softmax.StateLength);
        var work = block + (CachePages.Positions * length);
        for (nint r = 0; r < rows; r++)
        {
            var token = sequence->FirstRow + ((firstRow + r) / heads);
            var head = (firstRow + r) % heads;
            var query = queries + (r * length);
            Copy((float*)(latents + (token * latentStride)) + (head * rank), rank, query);
            Copy((float*)(ends + (token * endStride)) + (head * rotated), rotated, query + rank);
            for (nint d = rank + rotated; d < length; d++)
                query[d] = 0f;
            states[(r * Softmax.StateLength) + 1] = Softmax.Unseen;
        }

        var last = sequence->Position + ((firstRow + (rows - 1)) / heads);
        for (nint start = 0; start <= last; start += CachePages.Positions)
        {
            var count = last - start + 1 < CachePages.Positions ? last - start + 1 : CachePages.Positions;
            LatentStore.Load(format, rank, rotated, sequence->Pages[start / CachePages.Positions] + unitOffset, count, block);
            for (nint row = 0; row < rows; row += Panel.Rows)
            {
                var rest = rows - row < Panel.Rows ? rows - row : Panel.Rows;
                foreach (var n in Unroll.Range(1, Panel.Rows + 1))
                {
                    if (rest == n)
                    {
                        Block(n, rank, rotated, queries + (row * length), heads, firstRow + row, sequence->Position - start, scale, block,
                            result + (row * padded), states + (row * Softmax.StateLength), work);
                    }
                }
            }
        }

        for (nint r = 0; r < rows; r++)
        {
            var to = y + ((sequence->FirstRow + ((firstRow + r) / heads)) * yStride);
            Attention.Write(rank, ActivationLayout.Float, result + (r * padded), states[(r * Softmax.StateLength) + 1], to, (firstRow + r) % heads * rank, heads * rank);
        }
    }

    /// <summary>A few rows and one block, whose start is position 0 here.</summary>
    private static void Block(
        [Constant] int rows,
        [Constant] int rank,
        [Constant] int rotated,
        float* queries,
        nint heads,
        nint firstRow,
        nint position,
        float scale,
        float* block,
        float* result,
        float* states,
        float* work)
    {
        var length = LatentStore.RowLength(rank, rotated);
        var padded = CachedHead.PaddedSize(rank);
        var last = position + ((firstRow + (rows - 1)) / heads);
        if (last < 0)
            return;
        var count = last < CachePages.Positions ? last + 1 : CachePages.Positions;
        var weighted = work + (Panel.Rows * CachePages.Positions);
        var isFirst = new Registers<nint>(rows);
        LatentScores.Run(rows, length, queries, block, count, work);
        foreach (var r in Unroll.Range(rows))
        {
            var own = position + ((firstRow + r) / heads);
            isFirst[r] = states[(r * Softmax.StateLength) + 1] == Softmax.Unseen ? 1 : 0;
            Softmax.Weights(work + (r * CachePages.Positions), 0, own < CachePages.Positions ? own : CachePages.Positions - 1, scale, states + (r * Softmax.StateLength));
        }

        Panel.Multiply(rows, padded, CachePages.Positions, length, work, KeyValueFormat.F32, false, length, (byte*)block, null, count, weighted, 0, null);
        foreach (var r in Unroll.Range(rows))
            Softmax.Merge(padded, weighted + (r * length), states + (r * Softmax.StateLength), isFirst[r] != 0, result + (r * padded));
    }

    private static void Copy(float* from, nint count, float* to)
    {
        nint d = 0;
        for (; d + Simd.Width <= count; d += Simd.Width)
            Simd.Store(to + d, Simd.Load(from + d));
        for (; d < count; d++)
            to[d] = from[d];
    }
}
