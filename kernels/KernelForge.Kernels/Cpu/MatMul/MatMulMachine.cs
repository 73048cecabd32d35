using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Quantized weights times quantized activations for several tokens in machine code, which unpacks some units of two tiles and multiplies them by a chunk of tokens.</summary>
[KernelTemplate]
public static unsafe class MatMulMachine
{
    /// <summary>Units that are multiplied together: what two tiles take unpacked, 16 tokens' codes and their products about fill the first-level cache. Four and nine were no faster.</summary>
    public const int UnitsTogether = 6;

    /// <summary>Tiles <paramref name="firstTile"/> to <paramref name="lastTile"/> - 1 of a matrix times all tokens, then the epilogue.</summary>
    /// <param name="layout">Int4, Int4Minimum or Int8.</param>
    /// <param name="activations">Int8 or Int12.</param>
    /// <param name="weights">The packed matrix.</param>
    /// <param name="firstTile">First tile of 32 rows. Even where the epilogue quantizes.</param>
    /// <param name="lastTile">Tile after the last.</param>
    /// <param name="units">Columns / 32, rounded up.</param>
    /// <param name="a">Quantized rows (docs/numerics.md).</param>
    /// <param name="aStride">Bytes from one row to the next.</param>
    /// <param name="tokens">Number of rows of <paramref name="a"/>.</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.Bytes"/>.</param>
    /// <param name="epilogue">What the epilogue needs.</param>
    /// <param name="code">The machine code.</param>
    /// <param name="codes">Bytes from a row to the codes that it takes.</param>
    public static void Run(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        byte* weights,
        nint firstTile,
        nint lastTile,
        nint units,
        byte* a,
        nint aStride,
        nint tokens,
        byte* scratch,
        EpilogueArguments* epilogue,
        nint code,
        nint codes)
    {
        var sums = (float*)scratch;
        MachineTile call = default;
        call.TileBytes = units * PackedUnit.Bytes(layout);
        call.Stride = aStride;
        call.Scratch = scratch + (2 * MatMulInt.ChunkTokens * MatMulInt.SumStride * sizeof(float));
        for (var tile = firstTile; tile < lastTile; tile += 2)
        {
            call.Tiles = lastTile - tile < 2 ? 1 : 2;
            for (nint token = 0; token < tokens; token += MatMulInt.ChunkTokens)
            {
                call.Tokens = tokens - token < MatMulInt.ChunkTokens ? tokens - token : MatMulInt.ChunkTokens;
                for (nint first = 0; first < units; first += PackedUnit.UnitsPerSegment)
                {
                    // The first segment goes straight to the sums, later ones beside them.
                    call.Results = first == 0 ? sums : sums + (MatMulInt.ChunkTokens * MatMulInt.SumStride);
                    var end = units - first < PackedUnit.UnitsPerSegment ? units : first + PackedUnit.UnitsPerSegment;
                    Segment(layout, activations, weights + (tile * call.TileBytes), first, end, units, a + (token * aStride), &call, code, codes);
                    if (first > 0)
                        Add(sums, call.Results, call.Tokens);
                }

                Epilogue.Apply(sums, tile * PackedUnit.Length, call.Tiles * PackedUnit.Length, token, call.Tokens, epilogue);
            }
        }
    }

    /// <summary>Units <paramref name="first"/> to <paramref name="end"/> - 1 of one or two tiles of rows times a chunk of tokens.</summary>
    private static void Segment(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        byte* weights,
        nint first,
        nint end,
        nint units,
        byte* a,
        MachineTile* call,
        nint code,
        nint codes)
    {
        for (var unit = first; unit < end; unit += UnitsTogether)
        {
            call->Weights = weights + (unit * PackedUnit.Bytes(layout));
            call->Units = end - unit < UnitsTogether ? end - unit : UnitsTogether;
            call->Started = unit - first;
            var next = unit + UnitsTogether;
            call->Next = weights + (next < units ? next * PackedUnit.Bytes(layout) : 2 * call->TileBytes);
            call->Codes = a + codes + (unit * Quantization.CodeBytes(activations));
            call->Scales = a + (units * Quantization.CodeBytes(activations)) + (unit * sizeof(float));
            call->Sums = call->Scales + (units * (layout == WeightLayout.Int4Minimum ? 2 * sizeof(float) : sizeof(float)));
            MachineCode.Run(code, call);
        }
    }

    /// <summary>Adds a later segment's results to the sums before it.</summary>
    public static void Add(float* sums, float* results, nint tokens)
    {
        for (nint i = 0; i < tokens * MatMulInt.SumStride; i += Simd.Width)
            Simd.Store(sums + i, Simd.Add(Simd.Load(sums + i), Simd.Load(results + i)));
    }
}
