namespace KernelForge.Formats.Checkpoints;

/// <summary>Eight-bit floats with a scale for each block of rows and columns: scale * e4m3, rounded once. Runs as f16.</summary>
internal sealed class Fp8Weight : CheckpointWeight
{
    private readonly StoredTensor _codes;
    private readonly StoredTensor _scales;
    private readonly int _blockRows;
    private readonly int _blockColumns;

    /// <summary>Combines floats [rows, columns] with scales: one for all, [rows, 1] for each row, or one for each block.</summary>
    /// <param name="storage">How it is stored, in a person's words.</param>
    /// <param name="codes">The floats.</param>
    /// <param name="scales">The scales.</param>
    /// <param name="block">Rows and columns of a block where scales are for blocks; those at the edges may have fewer.</param>
    /// <exception cref="ModelFormatException">The shapes do not belong together.</exception>
    public Fp8Weight(string storage, StoredTensor codes, StoredTensor scales, (int Rows, int Columns)? block)
        : base(codes.File.Path, codes.Name, storage, WeightType.F16, codes.Matrix("F8_E4M3").Rows, codes.Matrix("F8_E4M3").Columns)
    {
        _codes = codes;
        _scales = scales;
        var rows = (int)Rows;
        (_blockRows, _blockColumns) = scales.Shape.Aggregate(1L, (product, size) => product * size) == 1 ? (rows, Columns)
            : scales.Shape.Count == 1 || scales.Shape[^1] == 1 && scales.Shape[0] == rows ? (1, Columns)
            : block ?? throw scales.Error("scales are for blocks, and the configuration does not say of which size");
        var (blocksDown, blocks) = ((rows + _blockRows - 1) / _blockRows, (Columns + _blockColumns - 1) / _blockColumns);
        if (scales.Shape.Count <= 1)
            scales.Expect("F32 BF16 F16", [.. scales.Shape.Count == 0 ? Array.Empty<long>() : [blocksDown]]);
        else
            scales.Expect("F32 BF16 F16", blocksDown, blocks);
    }

    public override void Decode(long row, Span<float> values)
    {
        var codes = _codes.Bytes(row * Columns, Columns);
        var blocks = (Columns + _blockColumns - 1) / _blockColumns;
        for (var block = 0; block < blocks; block++)
        {
            var scale = _scales.Float((row / _blockRows * blocks) + block);
            for (var i = block * _blockColumns; i < Math.Min((block + 1) * _blockColumns, Columns); i++)
                values[i] = scale * E4M3.Decode(codes[i]);
        }
        CheckFinite(values);
    }
}
