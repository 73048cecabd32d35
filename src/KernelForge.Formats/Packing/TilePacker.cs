using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Weights;
using KernelForge.Plans;

namespace KernelForge.Formats.Packing;

/// <summary>Packs tiles of one tensor (docs/packed-format.md, "Matrices"). Thread-safe: workers pack different tiles of it at the same time.</summary>
internal sealed unsafe class TilePacker
{
    private readonly string _path;
    private readonly PackedTensor _tensor;
    private readonly RowMap _rows;
    private readonly WeightTensor?[] _sources;

    /// <summary>Checks the sources of a packed tensor.</summary>
    /// <exception cref="ModelFormatException">A source is missing or is not what the plan says.</exception>
    public TilePacker(IWeights weights, PackedTensor tensor)
    {
        _path = weights.Path;
        _tensor = tensor;
        _sources = tensor.Parts.Select(part => Source(weights, part)).ToArray();
        _rows = new RowMap(tensor);
    }

    /// <summary>Tiles of the tensor.</summary>
    public int Tiles => PackedLayouts.Tiles(_tensor);

    /// <summary>Bytes of a tile.</summary>
    public int TileBytes => (int)(PackedLayouts.Length(_tensor) / Tiles);

    /// <summary>The source of each part that is not packed as it is stored; null for the other parts.</summary>
    public IEnumerable<WeightTensor?> Converted => _sources.Select(source => Converts && source is { IsConverted: true } ? source : null);

    // Floats are packed as exact values, and vectors too.
    private bool Converts => _tensor.Layout is not (PackedLayout.Vector or PackedLayout.Float32);

    /// <summary>Packs consecutive tiles.</summary>
    /// <param name="firstTile">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="output">Their bytes; holds zeros.</param>
    /// <param name="errors">For each part, what conversion changed is added.</param>
    /// <exception cref="ModelFormatException">A weight is infinite, not a number, or too large for the type it is converted to.</exception>
    public void Pack(int firstTile, int count, Span<byte> output, Span<ErrorSum> errors)
    {
        // Rows that are converted lie here for as long as their tile is packed.
        var converted = _sources.Max(source => Converts && source is { IsConverted: true } ? source.RunBytes : 0);
        var scratch = GC.AllocateUninitializedArray<byte>(converted * PackedLayouts.Tile, pinned: true);
        for (var tile = firstTile; tile < firstTile + count; tile++)
        {
            switch (_tensor.Layout)
            {
                case PackedLayout.Vector:
                    PackVector(tile, output);
                    break;
                case PackedLayout.Float32:
                    PackFloats(tile, output);
                    break;
                default:
                    PackRows(tile, scratch, output, errors);
                    break;
            }
            output = output[TileBytes..];
        }
    }

    private void PackRows(int tile, Span<byte> scratch, Span<byte> output, Span<ErrorSum> errors)
    {
        var rows = stackalloc byte*[PackedLayouts.Tile];
        for (var i = 0; i < PackedLayouts.Tile; i++)
        {
            var (part, row) = _rows[(tile * PackedLayouts.Tile) + i];
            rows[i] = null;
            if (part < 0 || _sources[part] is not { } source)
                continue;
            var bytes = source.Row(row, source.IsConverted ? scratch.Slice(i * source.RunBytes, source.RunBytes) : default);
            if (source.IsConverted)
                errors[part] += ConversionError.OfRow(source, row, bytes);

            // The file's mapping and the scratch stay where they are.
            rows[i] = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
        }

        var units = PackedLayouts.Units(_tensor);
        switch (_tensor.Layout)
        {
            case PackedLayout.Int4:
                Int4Tile.Pack(rows, units, hasMinimum: false, output);
                break;
            case PackedLayout.Int4Minimum:
                Int4Tile.Pack(rows, units, hasMinimum: true, output);
                break;
            case PackedLayout.Int8:
                Int8Tile.Pack(rows, units, output);
                break;
            default:
                FloatTile.Pack16(rows, _tensor.Columns, output);
                break;
        }
    }

    private void PackFloats(int tile, Span<byte> output)
    {
        var values = new float[_tensor.Columns];
        for (var i = 0; i < PackedLayouts.Tile; i++)
        {
            var (part, row) = _rows[(tile * PackedLayouts.Tile) + i];
            if (part < 0 || _sources[part] is not { } source)
                continue;
            source.Decode(row, values);
            FloatTile.Pack32(values, i, output);
        }
    }

    private void PackVector(int tile, Span<byte> output)
    {
        var values = new float[]?[_sources.Length];
        for (var i = 0; i < PackedLayouts.Tile; i++)
        {
            var (part, index) = _rows[(tile * PackedLayouts.Tile) + i];
            if (part < 0 || _sources[part] is not { } source)
                continue;
            if (values[part] is null)
                source.Decode(0, values[part] = new float[source.Columns]);
            BitConverter.TryWriteBytes(output[(i * sizeof(float))..], values[part]![index]);
        }
    }

    // Null: a part without a tensor (the bias of a projection that has none).
    private WeightTensor? Source(IWeights weights, PackedPart part)
    {
        if (part.Tensor.Length == 0 && _tensor.Layout == PackedLayout.Vector)
            return null;
        var source = weights.FindWeight(part.Tensor) ?? throw new ModelFormatException(_path, "a tensor that the plan packs is missing", part.Tensor);
        var (rows, columns) = _tensor.Layout == PackedLayout.Vector ? (1, part.Rows) : (part.Rows, _tensor.Columns);
        if (source.Rows != rows || source.Columns != columns)
            throw new ModelFormatException(_path, $"the plan expects [{rows}, {columns}] and the tensor is [{source.Rows}, {source.Columns}]", part.Tensor);
        var fits = _tensor.Layout switch
        {
            PackedLayout.Vector => TensorDecoder.Find((int)source.RunType) is { BlockValues: 1 } && !source.IsConverted,
            PackedLayout.Float32 => true,
            _ => PackedLayouts.Of(source.RunType) == _tensor.Layout,
        };
        return fits ? source : throw new ModelFormatException(_path, $"tensors of type {source.Storage} cannot be packed as {_tensor.Layout}", part.Tensor);
    }
}
