using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// Attention over the cache for decode and prefill (docs/numerics.md, "Attention"). A block of 64 keys and values is read and converted once for
/// all query heads that share it and for a tile of query tokens; no scores are kept beyond a tile.
/// </summary>
[KernelTemplate]
public static unsafe class Attention
{
    /// <summary>This worker's share of all rows and heads of a pass, for one layer.</summary>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="activations">How the result is stored; quantized it needs heads of whole blocks of 32.</param>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="sequenceCount">Number of <paramref name="sequences"/>.</param>
    /// <param name="x">Rows with rotated queries.</param>
    /// <param name="xStride">Bytes from one row to the next.</param>
    /// <param name="queryColumn">First value of the queries in a row.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key-value heads; divides <paramref name="heads"/>.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="softcap">Bound of the scores, or 0.</param>
    /// <param name="window">A query sees itself and the window - 1 positions before it; 0: all before it.</param>
    /// <param name="ahead">Positions after its own that a query sees, where its sequence has them in this pass.</param>
    /// <param name="chunk">A query sees positions of its own chunk of so many only; 0: all before it.</param>
    /// <param name="sinks">[heads] scores that join the softmax without a value, or null.</param>
    /// <param name="bias">[heads, 2 * reach + 1] what is added to the scores of keys from reach before the query to reach after it, of farther ones the outermost; or null.</param>
    /// <param name="reach">At least <see cref="CachePages.Positions"/> - 1 farther than from where on what is added stays the same.</param>
    /// <param name="temperature">Scale of the queries' growth (<see cref="Temperature.Of"/>).</param>
    /// <param name="floor">Positions of a step of it; 0: they do not grow.</param>
    /// <param name="unitOffset">Bytes from the start of a page to the layer's first unit.</param>
    /// <param name="unitBytes">Bytes of a unit (<see cref="CachePages.UnitBytes"/>).</param>
    /// <param name="y">Result rows: float32, or codes, scales, sums, scaled sums.</param>
    /// <param name="yStride">Bytes from one row to the next.</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.Bytes"/>.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="workers">Number of workers.</param>
    /// <returns>Whether heads were divided: then <see cref="AttentionSplit.Join"/> follows, behind a barrier.</returns>
    public static bool Run(
        [Constant] KeyValueFormat format,
        [Constant] int headSize,
        [Constant] ActivationLayout activations,
        SequenceSlice* sequences,
        nint sequenceCount,
        byte* x,
        nint xStride,
        nint queryColumn,
        nint heads,
        nint keyValueHeads,
        float scale,
        float softcap,
        nint window,
        nint ahead,
        nint chunk,
        float* sinks,
        float* bias,
        nint reach,
        float temperature,
        float floor,
        nint unitOffset,
        nint unitBytes,
        byte* y,
        nint yStride,
        byte* scratch,
        nint worker,
        nint workers)
    {
        var group = heads / keyValueHeads;
        if (AttentionSplit.Holds(sequences, sequenceCount, keyValueHeads, window, ahead, chunk, workers))
        {
            var blocks = AttentionSplit.Blocks(sequences, window, ahead, chunk);
            var share = AttentionSplit.Share(keyValueHeads * blocks, worker, workers);
            var shareEnd = AttentionSplit.Share(keyValueHeads * blocks, worker + 1, workers);
            for (var head = share / blocks; head * blocks < shareEnd; head++)
            {
                var from = share > head * blocks ? share - (head * blocks) : 0;
                var to = shareEnd < (head + 1) * blocks ? shareEnd - (head * blocks) : blocks;
                Tile(format, headSize, activations, sequences, x, xStride, queryColumn + (head * group * headSize), head * group, group, heads, 0, group, scale, softcap,
                    window, ahead, chunk, from, to, sinks == null ? sinks : sinks + (head * group), bias == null ? bias : bias + (head * group * DistanceBias.Length(reach)), reach, temperature, floor,
                    unitOffset + (head * unitBytes), y, yStride, scratch);
            }

            return true;
        }

        nint items = 0;
        for (nint i = 0; i < sequenceCount; i++)
            items += keyValueHeads * (((sequences[i].Rows * group) + (AttentionTile.Rows(headSize) - 1)) / AttentionTile.Rows(headSize));

        // Smaller tiles convert the cache more often, but few large ones leave workers idle.
        nint tileRows = AttentionTile.Rows(headSize);
        while (tileRows > 2 * Panel.Rows && items < 4 * workers)
        {
            tileRows /= 2;
            items *= 2;
        }

        nint item = 0;
        for (nint i = 0; i < sequenceCount; i++)
        {
            var sequence = sequences + i;
            var rows = sequence->Rows * group;
            for (nint row = 0; row < rows; row += tileRows)
            {
                for (nint head = 0; head < keyValueHeads; head++)
                {
                    // Back and forth, since later tiles see more blocks.
                    var turn = item % (2 * workers);
                    item++;
                    if (turn != worker && turn != (2 * workers) - 1 - worker)
                        continue;
                    var count = rows - row < tileRows ? rows - row : tileRows;
                    Tile(format, headSize, activations, sequence, x, xStride, queryColumn + (head * group * headSize), head * group, group, heads, row, count, scale, softcap,
                        window, ahead, chunk, 0, nint.MaxValue, sinks == null ? sinks : sinks + (head * group), bias == null ? bias : bias + (head * group * DistanceBias.Length(reach)), reach, temperature, floor,
                        unitOffset + (head * unitBytes), y, yStride, scratch);
                }
            }
        }

        return false;
    }

    /// <summary>Gathers a tile's queries and attends; writes the results where it has all of its blocks.</summary>
    private static void Tile(
        [Constant] KeyValueFormat format,
        [Constant] int headSize,
        [Constant] ActivationLayout activations,
        SequenceSlice* sequence,
        byte* x,
        nint xStride,
        nint queryColumn,
        nint firstHead,
        nint group,
        nint heads,
        nint firstRow,
        nint rows,
        float scale,
        float softcap,
        nint window,
        nint ahead,
        nint chunk,
        nint from,
        nint to,
        float* sinks,
        float* bias,
        nint reach,
        float temperature,
        float floor,
        nint unitOffset,
        byte* y,
        nint yStride,
        byte* scratch)
    {
        var padded = CachedHead.PaddedSize(headSize);
        var queries = (float*)scratch;
        var result = Result(headSize, scratch);
        var states = States(headSize, scratch);
        var work = states + (AttentionTile.Rows(headSize) * Softmax.StateLength);
        for (nint r = 0; r < rows; r++)
        {
            var token = sequence->FirstRow + ((firstRow + r) / group);
            var query = (float*)(x + (token * xStride)) + queryColumn + ((firstRow + r) % group * headSize);
            var factor = Temperature.Of(sequence->Position + ((firstRow + r) / group), temperature, floor);
            if (headSize % Simd.Width == 0)
            {
                foreach (var v in Unroll.Range(headSize / Simd.Width))
                    Simd.Store(queries + (r * headSize) + (v * Simd.Width), Simd.Multiply(Simd.Load(query + (v * Simd.Width)), Simd.Broadcast(factor)));
            }
            else
            {
                for (nint d = 0; d < headSize; d++)
                    queries[(r * headSize) + d] = query[d] * factor;
            }
        }

        var length = sequence->Position + sequence->Rows;
        var firstBlock = AttentionTile.FirstBlock(sequence->Position + (firstRow / group), window, chunk);
        var endBlock = AttentionTile.EndBlock(sequence->Position + ((firstRow + (rows - 1)) / group), ahead, length);
        if (from == 0)
        {
            var end = to < endBlock - firstBlock ? firstBlock + to : endBlock;
            AttentionTile.Run(
                format, headSize, queries, rows, group, firstRow, sequence->Position, length, window, ahead, chunk, sinks, bias, reach, scale, softcap, firstBlock, end,
                sequence->Pages, unitOffset, result, states, work);
            if (end == endBlock)
                WriteRows(headSize, activations, sequence, firstHead, group, heads, firstRow, rows, y, yStride, scratch);
            return;
        }

        var apart = (float*)(scratch + KernelScratch.Bytes);
        for (var block = from; block < to; block++)
        {
            AttentionTile.Run(
                format, headSize, queries, rows, group, firstRow, sequence->Position, length, window, ahead, chunk, null, bias, reach, scale, softcap, firstBlock + block,
                firstBlock + block + 1, sequence->Pages, unitOffset, apart, apart + (rows * padded), work);
            apart += rows * (padded + Softmax.StateLength);
        }
    }

    /// <summary>[rows, padded head size] where a tile's weighted values are in the scratch, not yet divided by their sums.</summary>
    public static float* Result([Constant] int headSize, byte* scratch) => (float*)scratch + (AttentionTile.Rows(headSize) * headSize);

    /// <summary>[rows, <see cref="Softmax.StateLength"/>] where its states are.</summary>
    public static float* States([Constant] int headSize, byte* scratch) => Result(headSize, scratch) + (AttentionTile.Rows(headSize) * CachedHead.PaddedSize(headSize));

    /// <summary>Writes a tile that has seen all of its blocks.</summary>
    public static void WriteRows(
        [Constant] int headSize,
        [Constant] ActivationLayout activations,
        SequenceSlice* sequence,
        nint firstHead,
        nint group,
        nint heads,
        nint firstRow,
        nint rows,
        byte* y,
        nint yStride,
        byte* scratch)
    {
        var result = Result(headSize, scratch);
        var states = States(headSize, scratch);
        for (nint r = 0; r < rows; r++)
        {
            var token = sequence->FirstRow + ((firstRow + r) / group);
            var column = (firstHead + ((firstRow + r) % group)) * headSize;
            Write(headSize, activations, result + (r * CachedHead.PaddedSize(headSize)), states[(r * Softmax.StateLength) + 1], y + (token * yStride), column, heads * headSize);
        }
    }

    /// <summary>Divides a head's weighted values by their sum, and stores or quantizes them.</summary>
    public static void Write([Constant] int headSize, [Constant] ActivationLayout activations, float* result, float sum, byte* y, nint column, nint width)
    {
        var divisor = Simd.Broadcast(sum);
        if (activations != ActivationLayout.Float)
        {
            foreach (var block in Unroll.Range(headSize / Quantization.BlockLength))
            {
                var values = new Registers<FloatVector>(Quantization.Vectors);
                foreach (var v in Unroll.Range(Quantization.Vectors))
                    values[v] = Simd.Divide(Simd.Load(result + (block * Quantization.BlockLength) + (v * Simd.Width)), divisor);
                Quantization.Store(activations, ref values, y, (column / Quantization.BlockLength) + block, width / Quantization.BlockLength);
            }
        }
        else
        {
            var to = (float*)y + column;
            for (nint d = 0; d < headSize; d += Simd.Width)
            {
                var value = Simd.Divide(Simd.Load(result + d), divisor);
                if (d + Simd.Width <= headSize)
                    Simd.Store(to + d, value);
                else
                    Simd.StorePartial(to + d, value, headSize - d);
            }
        }
    }
}
