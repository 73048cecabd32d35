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
    /// <param name="quantized">Whether the result is quantized (needs heads of whole blocks of 32) or float32.</param>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="sequenceCount">Number of <paramref name="sequences"/>.</param>
    /// <param name="x">Rows with rotated queries.</param>
    /// <param name="xStride">Bytes from one row to the next.</param>
    /// <param name="queryColumn">First value of the queries in a row.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key-value heads; divides <paramref name="heads"/>.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="window">A query sees itself and the window - 1 positions before it; 0: all before it.</param>
    /// <param name="unitOffset">Bytes from the start of a page to the layer's first unit.</param>
    /// <param name="unitBytes">Bytes of a unit (<see cref="CachePages.UnitBytes"/>).</param>
    /// <param name="y">Result rows: float32, or codes, scales, sums, scaled sums.</param>
    /// <param name="yStride">Bytes from one row to the next.</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.Bytes"/>.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="workers">Number of workers.</param>
    public static void Run(
        [Constant] KeyValueFormat format,
        [Constant] int headSize,
        [Constant] bool quantized,
        SequenceSlice* sequences,
        nint sequenceCount,
        byte* x,
        nint xStride,
        nint queryColumn,
        nint heads,
        nint keyValueHeads,
        float scale,
        nint window,
        nint unitOffset,
        nint unitBytes,
        byte* y,
        nint yStride,
        byte* scratch,
        nint worker,
        nint workers)
    {
    }
}
