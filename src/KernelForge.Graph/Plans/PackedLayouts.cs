namespace KernelForge.Plans;

/// <summary>Sizes of packed tensors and activation rows (docs/packed-format.md, docs/numerics.md).</summary>
public static class PackedLayouts
{
    /// <summary>Rows of a tile, and columns of a unit.</summary>
    public const int Tile = 32;

    /// <summary>The layout of the type that a source type is run as (<see cref="RunTypes"/>).</summary>
    public static PackedLayout Of(WeightType type) => RunTypes.Of(type) switch
    {
        WeightType.Q4_0 => PackedLayout.Int4,
        WeightType.Q4_1 => PackedLayout.Int4Minimum,
        WeightType.Q8_0 => PackedLayout.Int8,
        WeightType.F16 => PackedLayout.Float16,
        WeightType.BF16 => PackedLayout.BFloat16,
        _ => PackedLayout.Float32,
    };

    /// <summary>Whether the layout holds integer codes, which meet quantized activations unless they are to be <see cref="ActivationMode.Float"/>.</summary>
    public static bool IsInteger(PackedLayout layout) => layout <= PackedLayout.Int8;

    /// <summary>Bytes of 32 rows x 32 columns.</summary>
    public static int UnitBytes(PackedLayout layout) => layout switch
    {
        PackedLayout.Int4 => 576,
        PackedLayout.Int4Minimum => 640,
        PackedLayout.Int8 => 1088,
        PackedLayout.Float32 => 4096,
        PackedLayout.Float16 or PackedLayout.BFloat16 => 2048,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "A vector has no units."),
    };

    /// <summary>Tiles of 32 rows that a matrix (of experts: each of them) takes, or of 32 values for a vector. An interleaved one has 16 rows of each part in a tile and always an even number of tiles, so that its products fill whole blocks of 32.</summary>
    public static int Tiles(PackedTensor tensor) =>
        tensor.Interleaved ? Blocks(tensor.Parts[0].Rows) * 2
        : tensor.Layout == PackedLayout.Vector ? Blocks(tensor.Columns)
        : Blocks(tensor.Rows);

    /// <summary>Units of 32 columns in a tile: also the blocks of an activation row that meets it.</summary>
    public static int Units(PackedTensor tensor) => Blocks(tensor.Columns);

    /// <summary>Bytes of a packed tensor.</summary>
    public static long Length(PackedTensor tensor) => tensor.Experts * (tensor.Layout == PackedLayout.Vector
        ? (long)Tiles(tensor) * Tile * sizeof(float)
        : (long)Tiles(tensor) * Units(tensor) * UnitBytes(tensor.Layout));

    /// <summary>Bytes of an activation row: a multiple of 64.</summary>
    public static int RowBytes(int width, ActivationFormat format)
    {
        var blocks = Blocks(width);
        return format switch
        {
            ActivationFormat.Int8 => (int)Align((blocks * Tile) + (12 * blocks), 64),
            ActivationFormat.Int12 => BFloat16Offset(blocks) + (blocks * Tile * 2),
            _ => blocks * Tile * sizeof(float),
        };
    }

    /// <summary>From the start of an INT12 row of so many blocks to its values in bfloat16: a multiple of 64.</summary>
    public static int BFloat16Offset(int blocks) => (int)Align((blocks * Tile * 2) + (12 * blocks), 64);

    /// <summary>The next multiple of <paramref name="alignment"/>.</summary>
    public static long Align(long value, long alignment) => (value + alignment - 1) / alignment * alignment;

    /// <summary>Blocks of 32 that hold <paramref name="count"/> values.</summary>
    public static int Blocks(int count) => (int)Align(count, Tile) / Tile;
}
