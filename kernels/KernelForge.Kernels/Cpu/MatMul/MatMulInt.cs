using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// Quantized weights times quantized activations for several tokens. The weights of a tile are unpacked once for a chunk of tokens, into scratch that
/// stays in the caches; from there each vector of rows meets a tile of tokens whose accumulators stay in registers.
/// </summary>
[KernelTemplate]
public static unsafe class MatMulInt
{
    /// <summary>Tokens that share an unpacked tile; their sums lie in scratch.</summary>
    public const int ChunkTokens = 128;

    /// <summary>Floats from one token's sums to the next: two tiles of rows.</summary>
    public const int SumStride = 64;

    /// <summary>Tiles <paramref name="firstTile"/> to <paramref name="lastTile"/> - 1 of a matrix times all tokens, then the epilogue.</summary>
    /// <param name="layout">Int4, Int4Minimum or Int8.</param>
    /// <param name="activations">Int8 or Int12.</param>
    /// <param name="tokenTile">1 for the matrix-vector kernel; otherwise the most tokens to hold in registers.</param>
    /// <param name="weights">The packed matrix.</param>
    /// <param name="firstTile">First tile of 32 rows. Even where the epilogue quantizes.</param>
    /// <param name="lastTile">Tile after the last.</param>
    /// <param name="units">Columns / 32, rounded up.</param>
    /// <param name="a">Quantized rows (docs/numerics.md).</param>
    /// <param name="aStride">Bytes from one row to the next.</param>
    /// <param name="tokens">Number of rows of <paramref name="a"/>.</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.Bytes"/>.</param>
    /// <param name="epilogue">What the epilogue needs.</param>
    public static void Run(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        [Constant] int tokenTile,
        byte* weights,
        nint firstTile,
        nint lastTile,
        nint units,
        byte* a,
        nint aStride,
        nint tokens,
        byte* scratch,
        EpilogueArguments* epilogue)
    {
        var sums = (float*)scratch;
        var tileBytes = units * PackedUnit.Bytes(layout);
        for (var tile = firstTile; tile < lastTile; tile += 2)
        {
            var w = weights + (tile * tileBytes);
            var tiles = lastTile - tile < 2 ? 1 : 2;
            if (tokenTile == 1)
            {
                for (nint token = 0; token < tokens; token++)
                {
                    for (nint i = 0; i < tiles; i++)
                        MatVecInt.Tile(layout, activations, w + (i * tileBytes), units, a + (token * aStride), sums + (i * PackedUnit.Length));
                    Epilogue.Apply(sums, tile * PackedUnit.Length, tiles * PackedUnit.Length, token, 1, epilogue);
                }
            }
            else
            {
                for (nint token = 0; token < tokens; token += ChunkTokens)
                {
                    var count = tokens - token < ChunkTokens ? tokens - token : ChunkTokens;
                    for (nint i = 0; i < tiles; i++)
                        Tile(layout, activations, tokenTile, w + (i * tileBytes), units, a + (token * aStride), aStride, count, sums + (i * PackedUnit.Length), scratch);
                    Epilogue.Apply(sums, tile * PackedUnit.Length, tiles * PackedUnit.Length, token, count, epilogue);
                }
            }
        }
    }

    /// <summary>One tile of 32 rows times a chunk of tokens.</summary>
    private static void Tile(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        [Constant] int tokenTile,
        byte* weights,
        nint units,
        byte* a,
        nint aStride,
        nint tokens,
        float* sums,
        byte* scratch)
    {
        var unpacked = scratch + (ChunkTokens * SumStride * sizeof(float));
        for (nint first = 0; first < units; first += PackedUnit.UnitsPerSegment)
        {
            var count = units - first < PackedUnit.UnitsPerSegment ? units - first : PackedUnit.UnitsPerSegment;
            UnpackedTile.Unpack(layout, weights + (first * PackedUnit.Bytes(layout)), count, unpacked);
            for (nint vector = 0; vector < PackedUnit.Length / Simd.Width; vector++)
            {
                var w = unpacked + (vector * count * UnpackedTile.VectorBytes(layout));
                var s = sums + (vector * Simd.Width);
                Tokens(layout, activations, Simd.TokenTile < tokenTile ? Simd.TokenTile : tokenTile, w, first, count, units, a, aStride, tokens, s);
            }
        }
    }

    /// <summary>One vector of rows times a chunk of tokens: whole tiles of tokens, then one smaller tile.</summary>
    private static void Tokens(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        [Constant] int tile,
        byte* w,
        nint firstUnit,
        nint count,
        nint units,
        byte* a,
        nint aStride,
        nint tokens,
        float* sums)
    {
        nint token = 0;
        for (; token + tile <= tokens; token += tile)
            UnpackedTile.Multiply(layout, activations, tile, w, firstUnit, count, units, a + (token * aStride), aStride, sums + (token * SumStride));
        var rest = tokens - token;
        foreach (var n in Unroll.Range(1, tile))
        {
            if (rest == n)
                UnpackedTile.Multiply(layout, activations, n, w, firstUnit, count, units, a + (token * aStride), aStride, sums + (token * SumStride));
        }
    }
}
