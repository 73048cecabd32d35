using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// Quantized weights times quantized activations for several tokens, the innermost part in machine code: <see cref="MatMulInt"/> with another unpacked
/// tile. 16 rows lie together, whatever the width of vectors here.
/// </summary>
[KernelTemplate]
public static unsafe class MatMulMachine
{
    /// <summary>Rows of a group, one to a lane of 512 bits.</summary>
    public const int GroupRows = 16;

    /// <summary>Units that are multiplied together: what two tiles take unpacked stays in the first-level cache, beside the codes of 16 tokens.</summary>
    public const int UnitsTogether = 6;

    private const int GroupBytes = 64;

    /// <summary>Whether the codes lie there twice: times 16, to meet high digits, then as they are.</summary>
    public static bool HasTwoDigits([Constant] WeightLayout layout, [Constant] ActivationLayout activations) =>
        layout != WeightLayout.Int8 && activations == ActivationLayout.Int12;

    /// <summary>From an unpacked unit to its scales.</summary>
    public static int ScaleOffset([Constant] WeightLayout layout, [Constant] ActivationLayout activations) =>
        HasTwoDigits(layout, activations) ? 2 * UnpackedTile.Groups * GroupBytes : UnpackedTile.Groups * GroupBytes;

    /// <summary>Bytes of a unit of 16 rows.</summary>
    public static int UnitBytes([Constant] WeightLayout layout, [Constant] ActivationLayout activations) =>
        ScaleOffset(layout, activations) + (layout == WeightLayout.Int4Minimum ? 2 * GroupBytes : GroupBytes);

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
    /// <param name="vectorCode">Machine code for any number of tokens.</param>
    /// <param name="matrixCode">Machine code for tiles of 16 tokens; 0 where there is none.</param>
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
        nint vectorCode,
        nint matrixCode)
    {
        var sums = (float*)scratch;
        var tileBytes = units * PackedUnit.Bytes(layout);
        MachineTile call = default;
        call.Stride = aStride;
        for (var tile = firstTile; tile < lastTile; tile += 2)
        {
            var w = weights + (tile * tileBytes);
            var tiles = lastTile - tile < 2 ? 1 : 2;
            call.Groups = tiles * (PackedUnit.Length / GroupRows);
            for (nint token = 0; token < tokens; token += MatMulInt.ChunkTokens)
            {
                var count = tokens - token < MatMulInt.ChunkTokens ? tokens - token : MatMulInt.ChunkTokens;
                for (nint first = 0; first < units; first += PackedUnit.UnitsPerSegment)
                {
                    // The first segment goes straight to the sums, later ones beside them.
                    var results = first == 0 ? sums : sums + (MatMulInt.ChunkTokens * MatMulInt.SumStride);
                    var end = units - first < PackedUnit.UnitsPerSegment ? units : first + PackedUnit.UnitsPerSegment;
                    Segment(layout, activations, w, tileBytes, first, end, units, a + (token * aStride), count, results, scratch, &call, vectorCode, matrixCode);
                    if (first > 0)
                        Add(sums, results, count);
                }

                Epilogue.Apply(sums, tile * PackedUnit.Length, tiles * PackedUnit.Length, token, count, epilogue);
            }
        }
    }

    /// <summary>Units <paramref name="first"/> to <paramref name="end"/> - 1 of one or two tiles of rows times a chunk of tokens.</summary>
    private static void Segment(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        byte* weights,
        nint tileBytes,
        nint first,
        nint end,
        nint units,
        byte* a,
        nint tokens,
        float* results,
        byte* scratch,
        MachineTile* call,
        nint vectorCode,
        nint matrixCode)
    {
        var unpacked = scratch + (2 * MatMulInt.ChunkTokens * MatMulInt.SumStride * sizeof(float));
        call->Weights = unpacked;
        call->Scratch = unpacked + (4 * (UnitsTogether + 1) * UnitBytes(layout, activations));
        for (nint i = 0; i < 64; i += sizeof(float) * Simd.Width)
            Simd.Store((float*)(call->Scratch + 2048 + i), Simd.Zero());
        var whole = matrixCode == 0 ? 0 : tokens & -16;
        for (var unit = first; unit < end; unit += UnitsTogether)
        {
            call->Units = end - unit < UnitsTogether ? end - unit : UnitsTogether;
            call->Started = unit - first;
            for (nint i = 0; i * 2 < call->Groups; i++)
            {
                var w = weights + (i * tileBytes) + (unit * PackedUnit.Bytes(layout));
                Unpack(layout, activations, w, call->Units, unpacked + (i * 2 * call->Units * UnitBytes(layout, activations)));
            }

            call->Codes = a + (unit * Quantization.CodeBytes(activations));
            call->Scales = a + (units * Quantization.CodeBytes(activations)) + (unit * sizeof(float));
            call->Sums = call->Scales + (units * (layout == WeightLayout.Int4Minimum ? 2 * sizeof(float) : sizeof(float)));
            call->Results = results;
            call->Tokens = whole;
            if (whole > 0)
                MachineCode.Run(matrixCode, call);
            call->Codes += whole * call->Stride;
            call->Scales += whole * call->Stride;
            call->Sums += whole * call->Stride;
            call->Results += whole * MatMulInt.SumStride;
            call->Tokens = tokens - whole;
            if (call->Tokens > 0)
                MachineCode.Run(vectorCode, call);
        }
    }

    /// <summary>Adds a later segment's results to the sums before it.</summary>
    public static void Add(float* sums, float* results, nint tokens)
    {
        for (nint i = 0; i < tokens * MatMulInt.SumStride; i += Simd.Width)
            Simd.Store(sums + i, Simd.Add(Simd.Load(sums + i), Simd.Load(results + i)));
    }

    /// <summary>Unpacks <paramref name="count"/> units of a tile: of 16 rows all units, then of the other 16.</summary>
    public static void Unpack([Constant] WeightLayout layout, [Constant] ActivationLayout activations, byte* weights, nint count, byte* unpacked)
    {
        for (nint unit = 0; unit < count; unit++)
        {
            var w = weights + (unit * PackedUnit.Bytes(layout));
            foreach (var group in Unroll.Range(PackedUnit.Length / GroupRows))
            {
                var to = unpacked + (((group * count) + unit) * UnitBytes(layout, activations));
                foreach (var part in Unroll.Range(GroupRows / Simd.Width))
                {
                    Codes(layout, activations, group, w + PackedUnit.HeaderBytes(layout) + (part * UnpackedTile.Vector), to + (part * UnpackedTile.Vector));
                    var scales = w + (group * GroupRows * 2) + (part * Simd.Width * 2);
                    var s = (float*)(to + ScaleOffset(layout, activations)) + (part * Simd.Width);
                    Simd.Store(s, Simd.LoadHalf(scales));
                    if (layout == WeightLayout.Int4Minimum)
                        Simd.Store(s + GroupRows, Simd.LoadHalf(scales + 64));
                }
            }
        }
    }

    private static void Codes([Constant] WeightLayout layout, [Constant] ActivationLayout activations, [Constant] int group, byte* codes, byte* to)
    {
        foreach (var j in Unroll.Range(UnpackedTile.Groups))
        {
            if (layout == WeightLayout.Int8)
            {
                Simd.StoreBytes(to + (j * GroupBytes), Simd.LoadBytes(codes + (j * 128) + (group * GroupBytes)));
            }
            else
            {
                var u = Simd.LoadBytes(codes + (j * 64));
                var low = to + ((HasTwoDigits(layout, activations) ? UnpackedTile.Groups + j : j) * GroupBytes);
                Simd.StoreBytes(low, group == 0 ? Simd.LowNibbles(u) : Simd.HighNibbles(u));
                if (HasTwoDigits(layout, activations))
                    Simd.StoreBytes(to + (j * GroupBytes), group == 0 ? Simd.LowNibblesTimes16(u) : Simd.HighNibblesTimes16(u));
            }
        }
    }
}
