using KernelForge.Plans;

namespace KernelForge.Formats.Packing;

/// <summary>Where each packed row of a tensor (each value of a vector) comes from: part and row, or padding.</summary>
internal sealed class RowMap
{
    private const int Half = PackedLayouts.Tile / 2;
    private readonly (int Part, int Row)[] _sources;

    /// <summary>Maps the rows of a tensor.</summary>
    public RowMap(PackedTensor tensor)
    {
        _sources = new (int, int)[PackedLayouts.Tiles(tensor) * PackedLayouts.Tile];
        Array.Fill(_sources, (-1, 0));
        var first = 0;
        for (var part = 0; part < tensor.Parts.Count; part++)
        {
            for (var row = 0; row < tensor.Parts[part].Rows; row++)
            {
                var packed = tensor.Interleaved ? (row / Half * PackedLayouts.Tile) + (part * Half) + (row % Half) : first + row;
                _sources[packed] = (part, tensor.Parts[part].Order.Source(row));
            }
            first += tensor.Parts[part].Rows;
        }
    }

    /// <summary>Part (-1: padding) and row in its source tensor of a packed row.</summary>
    public (int Part, int Row) this[int packedRow] => _sources[packedRow];
}
