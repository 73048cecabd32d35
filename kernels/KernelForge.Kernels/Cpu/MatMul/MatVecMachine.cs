using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Quantized weights times one token's quantized activations in machine code, which reads the packed matrix as it is.</summary>
[KernelTemplate]
public static unsafe class MatVecMachine
{
    /// <summary>Tiles <paramref name="firstTile"/> to <paramref name="lastTile"/> - 1 of a matrix times one token, then the epilogue.</summary>
    /// <param name="layout">Int4, Int4Minimum or Int8.</param>
    /// <param name="activations">Int8 or Int12.</param>
    /// <param name="weights">The packed matrix.</param>
    /// <param name="firstTile">First tile of 32 rows. Even where the epilogue quantizes.</param>
    /// <param name="lastTile">Tile after the last.</param>
    /// <param name="units">Columns / 32, rounded up.</param>
    /// <param name="a">The quantized row (docs/numerics.md).</param>
    /// <param name="scratch">Scratch of <see cref="KernelScratch.Bytes"/>.</param>
    /// <param name="epilogue">What the epilogue needs.</param>
    /// <param name="code">The machine code.</param>
    /// <param name="end">Where this worker's part of the matrix ends.</param>
    /// <param name="next">What he reads next.</param>
    public static void Run(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        byte* weights,
        nint firstTile,
        nint lastTile,
        nint units,
        byte* a,
        byte* scratch,
        EpilogueArguments* epilogue,
        nint code,
        byte* end,
        byte* next)
    {
        var sums = (float*)scratch;
        var tileBytes = units * PackedUnit.Bytes(layout);
        var scales = a + (units * Quantization.CodeBytes(activations));
        MachineTile call = default;
        call.TileBytes = tileBytes;
        call.End = end;
        call.Next = next;
        for (var tile = firstTile; tile < lastTile; tile += 2)
        {
            call.Tiles = lastTile - tile < 2 ? 1 : 2;
            for (nint first = 0; first < units; first += PackedUnit.UnitsPerSegment)
            {
                call.Weights = weights + (tile * tileBytes) + (first * PackedUnit.Bytes(layout));
                call.Units = units - first < PackedUnit.UnitsPerSegment ? units - first : PackedUnit.UnitsPerSegment;
                call.Codes = a + (first * Quantization.CodeBytes(activations));
                call.Scales = scales + (first * sizeof(float));
                call.Sums = call.Scales + (units * (layout == WeightLayout.Int4Minimum ? 2 * sizeof(float) : sizeof(float)));
                call.Results = first == 0 ? sums : sums + MatMulInt.SumStride;
                MachineCode.Run(code, &call);
                if (first > 0)
                    MatMulMachine.Add(sums, call.Results, 1);
            }

            Epilogue.Apply(sums, tile * PackedUnit.Length, call.Tiles * PackedUnit.Length, 0, 1, epilogue);
        }
    }
}
