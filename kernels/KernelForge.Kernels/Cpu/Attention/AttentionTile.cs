using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// Attention of a tile of query rows of one key-value head. A row is one query head of one token; rows go by token, then by head. Each block of
/// the cache is read once for the whole tile, and converted once where there are more rows than one panel has.
/// </summary>
[KernelTemplate]
public static unsafe class AttentionTile
{
    /// <summary>Most query rows of a tile: what fits <see cref="KernelScratch.Bytes"/> with a block of keys and values.</summary>
    public static int Rows([Constant] int headSize) => headSize <= 64 ? 96 : headSize <= 128 ? 48 : 24;

    /// <summary>The first block that some row of a tile sees.</summary>
    /// <param name="lowest">Position of the tile's first token.</param>
    /// <param name="window">See <see cref="Attention.Run"/>.</param>
    /// <param name="chunk">See <see cref="Attention.Run"/>.</param>
    public static nint FirstBlock(nint lowest, nint window, nint chunk) => First(lowest, window, chunk) / CachePages.Positions;

    /// <summary>The block behind the last one that some row of a tile sees.</summary>
    /// <param name="highest">Position of the tile's last token.</param>
    /// <param name="ahead">See <see cref="Attention.Run"/>.</param>
    /// <param name="length">Positions that the sequence has.</param>
    public static nint EndBlock(nint highest, nint ahead, nint length) => (Seen(highest, ahead, length) / CachePages.Positions) + 1;

    /// <summary>Some blocks of a tile, in ascending order.</summary>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="headSize">Values of a head, at most 256.</param>
    /// <param name="queries">[rows, headSize] rotated queries.</param>
    /// <param name="rows">Query rows.</param>
    /// <param name="group">Query heads of a token.</param>
    /// <param name="firstRow">First row of the tile, counted from the sequence's first token in the pass.</param>
    /// <param name="position">Position of that token.</param>
    /// <param name="length">Positions that the sequence has.</param>
    /// <param name="window">See <see cref="Attention.Run"/>.</param>
    /// <param name="ahead">See <see cref="Attention.Run"/>.</param>
    /// <param name="chunk">See <see cref="Attention.Run"/>.</param>
    /// <param name="sinks">[group] scores, or null.</param>
    /// <param name="bias">[group, 2 * reach + 1] what is added to scores (<see cref="Attention.Run"/>), or null.</param>
    /// <param name="reach">See <see cref="Attention.Run"/>.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="softcap">Bound of the scores, or 0.</param>
    /// <param name="firstBlock">The first block.</param>
    /// <param name="endBlock">The block behind the last one.</param>
    /// <param name="pages">Pages of the sequence.</param>
    /// <param name="unitOffset">Bytes from the start of a page to the unit.</param>
    /// <param name="result">[rows, padded head size] weighted values, not yet divided by the sums.</param>
    /// <param name="states">[rows, <see cref="Softmax.StateLength"/>] states; the sum is at 1.</param>
    /// <param name="scratch">Room for a block of keys and values and for a panel's scores and values.</param>
    public static void Run(
        [Constant] KeyValueFormat format,
        [Constant] int headSize,
        float* queries,
        nint rows,
        nint group,
        nint firstRow,
        nint position,
        nint length,
        nint window,
        nint ahead,
        nint chunk,
        float* sinks,
        float* bias,
        nint reach,
        float scale,
        float softcap,
        nint firstBlock,
        nint endBlock,
        byte** pages,
        nint unitOffset,
        float* result,
        float* states,
        float* scratch)
    {
        var padded = CachedHead.PaddedSize(headSize);
        var keys = scratch;
        var values = keys + (headSize * CachePages.Positions);
        var work = values + (padded * CachePages.Positions);
        for (nint row = 0; row < rows; row++)
            Softmax.Begin(padded, sinks == null ? sinks : sinks + ((firstRow + row) % group), states + (row * Softmax.StateLength), result + (row * padded));
        var last = Seen(position + ((firstRow + (rows - 1)) / group), ahead, length);
        for (var block = firstBlock; block < endBlock; block++)
        {
            var start = block * CachePages.Positions;
            var count = last - start + 1 < CachePages.Positions ? last - start + 1 : CachePages.Positions;
            var next = pages[block < last / CachePages.Positions ? block + 1 : block] + unitOffset;
            var unit = pages[block] + unitOffset;
            if (rows <= Panel.Rows)
            {
                // Too few rows to convert the block for: each value is used as it comes.
                if (!CachedHead.HasWholeVectors(headSize))
                    CachedHead.LoadValues(format, headSize, unit, next, count, values);
                foreach (var n in Unroll.Range(1, Panel.Rows + 1))
                {
                    if (rows == n)
                    {
                        Block(n, format, headSize, false, queries, group, firstRow, position, length, start, window, ahead, chunk, bias, reach, scale, softcap, unit, keys, values, next, result,
                            states, work);
                    }
                }

                continue;
            }

            CachedHead.LoadKeys(format, headSize, unit, next, keys);
            CachedHead.LoadValues(format, headSize, unit, next, count, values);
            for (nint row = 0; row < rows; row += Panel.Rows)
            {
                var at = firstRow + row;
                var rest = rows - row < Panel.Rows ? rows - row : Panel.Rows;
                foreach (var n in Unroll.Range(1, Panel.Rows + 1))
                {
                    if (rest == n)
                    {
                        Block(n, format, headSize, true, queries + (row * headSize), group, at, position, length, start, window, ahead, chunk, bias, reach, scale, softcap, unit, keys, values, next,
                            result + (row * padded), states + (row * Softmax.StateLength), work);
                    }
                }
            }
        }
    }

    /// <summary>The first position that a query sees.</summary>
    private static nint First(nint own, nint window, nint chunk)
    {
        var first = window == 0 || own < window ? 0 : own - window + 1;
        var chunkStart = chunk == 0 ? 0 : own - (own % chunk);
        return first > chunkStart ? first : chunkStart;
    }

    /// <summary>A few rows and the block of positions from <paramref name="start"/> on.</summary>
    private static void Block(
        [Constant] int rows,
        [Constant] KeyValueFormat format,
        [Constant] int headSize,
        [Constant] bool isConverted,
        float* queries,
        nint group,
        nint firstRow,
        nint position,
        nint length,
        nint start,
        nint window,
        nint ahead,
        nint chunk,
        float* bias,
        nint reach,
        float scale,
        float softcap,
        byte* unit,
        float* keys,
        float* values,
        byte* next,
        float* result,
        float* states,
        float* work)
    {
        var padded = CachedHead.PaddedSize(headSize);
        var last = Seen(position + ((firstRow + (rows - 1)) / group), ahead, length) - start;
        if (last < 0)
            return;
        var weighted = work + (Panel.Rows * CachePages.Positions);
        var isFirst = new Registers<nint>(rows);
        // While a block is used, the next is fetched by the loops that convert or multiply, so that memory is read at all times.
        var side = CachedHead.SideBytes(format, headSize);
        var scales = (float*)(unit + (2 * side));
        if (isConverted)
        {
            Panel.Multiply(rows, CachePages.Positions, headSize, CachePages.Positions, queries, KeyValueFormat.F32, true, CachePages.Positions, (byte*)keys, null, headSize, work,
                side / 2 / headSize, next + (side / 2));
        }
        else
        {
            Panel.Multiply(rows, CachePages.Positions, headSize, CachePages.Positions, queries, format, true, CachePages.Positions, unit, scales, headSize, work, side / headSize, next);
        }

        foreach (var r in Unroll.Range(rows))
        {
            var own = position + ((firstRow + r) / group);
            var first = First(own, window, chunk) - start;
            var from = first < 0 ? 0 : first;
            var seen = Seen(own, ahead, length) - start;
            var to = seen < CachePages.Positions ? seen : CachePages.Positions - 1;
            isFirst[r] = states[(r * Softmax.StateLength) + 1] == Softmax.Unseen ? 1 : 0;
            if (softcap != 0f)
                Activations.Cap(work + (r * CachePages.Positions), CachePages.Positions, scale, softcap);
            if (bias != null)
            {
                DistanceBias.Add(
                    work + (r * CachePages.Positions), softcap != 0f ? 1f : scale, bias + ((firstRow + r) % group * DistanceBias.Length(reach)), reach, start - own);
            }

            Softmax.Weights(
                work + (r * CachePages.Positions), from, to, softcap != 0f || bias != null ? 1f : scale, states + (r * Softmax.StateLength));
        }

        var count = last < CachePages.Positions ? last + 1 : CachePages.Positions;
        if (isConverted || !CachedHead.HasWholeVectors(headSize))
        {
            Panel.Multiply(rows, padded, CachePages.Positions, padded, work, KeyValueFormat.F32, false, padded, (byte*)values, null, count, weighted, side / 2 / CachePages.Positions,
                next + side + (side / 2));
        }
        else
        {
            Panel.Multiply(rows, padded, CachePages.Positions, padded, work, format, false, padded, unit + side, scales + CachePages.Positions, count, weighted,
                side / CachePages.Positions, next + side);
        }

        foreach (var r in Unroll.Range(rows))
            Softmax.Merge(padded, weighted + (r * padded), states + (r * Softmax.StateLength), isFirst[r] != 0, result + (r * padded));
    }

    /// <summary>The last position that a query sees from its own.</summary>
    private static nint Seen(nint own, nint ahead, nint length) => own + ahead < length ? own + ahead : length - 1;
}
