namespace KernelForge.Kernels;

/// <summary>Sizes inside packed matrices (docs/packed-format.md): a unit is 32 rows x 32 columns.</summary>
[KernelTemplate]
public static unsafe class PackedUnit
{
    /// <summary>Rows of a tile, columns of a unit.</summary>
    public const int Length = 32;

    /// <summary>Units of a segment of 2,048 columns, which is summed before it joins the total (docs/numerics.md).</summary>
    public const int UnitsPerSegment = 64;

    /// <summary>Bytes of a unit.</summary>
    public static int Bytes([Constant] WeightLayout layout) => layout switch
    {
        WeightLayout.Int4 => 576,
        WeightLayout.Int4Minimum => 640,
        WeightLayout.Int8 => 1088,
        WeightLayout.Float32 => 4096,
        _ => 2048,
    };

    /// <summary>Bytes before the codes of a unit: 32 scales, for <see cref="WeightLayout.Int4Minimum"/> 32 minima too.</summary>
    public static int HeaderBytes([Constant] WeightLayout layout) => layout == WeightLayout.Int4Minimum ? 128 : 64;

    /// <summary>What is subtracted from an unsigned code.</summary>
    public static int CodeOffset([Constant] WeightLayout layout) => layout switch
    {
        WeightLayout.Int4 => 8,
        WeightLayout.Int8 => 128,
        _ => 0,
    };

    /// <summary>Whether the weights are codes with scales.</summary>
    public static bool IsQuantized([Constant] WeightLayout layout) =>
        layout is WeightLayout.Int4 or WeightLayout.Int4Minimum or WeightLayout.Int8;
}
