using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Any weights times float32 activations, one fma a column (docs/numerics.md).</summary>
[KernelTemplate]
public static unsafe class MatMulFloat
{
    /// <summary>Tiles <paramref name="firstTile"/> to <paramref name="lastTile"/> - 1 of a matrix times all tokens, then the epilogue.</summary>
    /// <param name="layout">Any matrix layout.</param>
    /// <param name="tokenTile">The most tokens to hold in registers.</param>
    /// <param name="weights">The packed matrix.</param>
    /// <param name="firstTile">First tile of 32 rows. Even where the epilogue quantizes.</param>
    /// <param name="lastTile">Tile after the last.</param>
    /// <param name="columns">Columns, not padded.</param>
    /// <param name="x">Float rows.</param>
    /// <param name="xStride">Bytes from one row to the next.</param>
    /// <param name="tokens">Number of rows.</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.Bytes"/>.</param>
    /// <param name="epilogue">What the epilogue needs.</param>
    public static void Run(
        [Constant] WeightLayout layout,
        [Constant] int tokenTile,
        byte* weights,
        nint firstTile,
        nint lastTile,
        nint columns,
        byte* x,
        nint xStride,
        nint tokens,
        byte* scratch,
        EpilogueArguments* epilogue)
    {
    }
}
