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
        var sums = (float*)scratch;
        var tileBytes = (columns + 31) / 32 * PackedUnit.Bytes(layout);
        for (var tile = firstTile; tile < lastTile; tile += 2)
        {
            var tiles = lastTile - tile < 2 ? 1 : 2;
            for (nint token = 0; token < tokens; token += MatMulInt.ChunkTokens)
            {
                var count = tokens - token < MatMulInt.ChunkTokens ? tokens - token : MatMulInt.ChunkTokens;
                for (nint i = 0; i < tiles; i++)
                {
                    var w = weights + ((tile + i) * tileBytes);
                    Tile(layout, tokenTile, w, columns, x + (token * xStride), xStride, count, sums + (i * PackedUnit.Length), scratch);
                }

                Epilogue.Apply(sums, tile * PackedUnit.Length, tiles * PackedUnit.Length, token, count, epilogue);
            }
        }
    }

    /// <summary>One tile of 32 rows times a chunk of tokens, by units of 32 columns that are spread to float32 once.</summary>
    private static void Tile(
        [Constant] WeightLayout layout,
        [Constant] int tokenTile,
        byte* weights,
        nint columns,
        byte* x,
        nint xStride,
        nint tokens,
        float* sums,
        byte* scratch)
    {
        var acc = (float*)(scratch + (MatMulInt.ChunkTokens * MatMulInt.SumStride * sizeof(float)));
        var spread = acc + (MatMulInt.ChunkTokens * PackedUnit.Length);
        for (nint first = 0; first < columns; first += PackedUnit.Length)
        {
            var unit = weights + (first / PackedUnit.Length * PackedUnit.Bytes(layout));
            var w = (float*)unit;
            if (layout != WeightLayout.Float32)
            {
                w = spread;
                FloatUnit.Spread(layout, unit, spread);
            }

            var count = columns - first < PackedUnit.Length ? columns - first : PackedUnit.Length;
            var startsSegment = first % (PackedUnit.UnitsPerSegment * PackedUnit.Length) == 0;
            if (startsSegment && first != 0)
                FloatUnit.AddSegment(acc, sums, tokens, first == PackedUnit.UnitsPerSegment * PackedUnit.Length);
            Tokens(tokenTile < Simd.TokenTile ? tokenTile : Simd.TokenTile, w, count, (float*)x + first, xStride, tokens, acc, startsSegment);
        }

        FloatUnit.AddSegment(acc, sums, tokens, columns <= PackedUnit.UnitsPerSegment * PackedUnit.Length);
    }

    private static void Tokens(
        [Constant] int tile, float* w, nint count, float* x, nint xStride, nint tokens, float* acc, bool startsSegment)
    {
        nint token = 0;
        for (; token + tile <= tokens; token += tile)
            FloatUnit.Multiply(tile, w, count, (float*)((byte*)x + (token * xStride)), xStride, acc + (token * PackedUnit.Length), startsSegment);
        foreach (var n in Unroll.Range(1, tile))
        {
            if (tokens - token == n)
                FloatUnit.Multiply(n, w, count, (float*)((byte*)x + (token * xStride)), xStride, acc + (token * PackedUnit.Length), startsSegment);
        }
    }
}
