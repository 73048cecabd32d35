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
    private readonly WeightTensor?[] _sources = [];
    private readonly float[][] _vectors = [];

    /// <summary>Checks the sources of a packed tensor.</summary>
    /// <exception cref="ModelFormatException">A source is missing or is not what the plan says.</exception>
    public TilePacker(IWeights weights, PackedTensor tensor)
    {
        _path = weights.Path;
        _tensor = tensor;
        if (tensor.Layout == PackedLayout.Vector)
            _vectors = tensor.Parts.Select(part => Vector(weights, part)).ToArray();
        else
            _sources = tensor.Parts.Select(part => Source(weights, part)).ToArray();
        _rows = new RowMap(tensor);
    }

    /// <summary>Tiles of the tensor.</summary>
    public int Tiles => PackedLayouts.Tiles(_tensor);

    /// <summary>Bytes of a tile.</summary>
    public int TileBytes => (int)(PackedLayouts.Length(_tensor) / Tiles);

    /// <summary>The source of each part that is not packed as it is stored; null for the other parts.</summary>
    public IEnumerable<WeightTensor?> Converted => _sources.Select(source => Converts && source is { IsConverted: true } and not TransposedWeight ? source : null);

    // Floats are packed as exact values.
    private bool Converts => _tensor.Layout != PackedLayout.Float32;

    /// <summary>Packs consecutive tiles.</summary>
    /// <param name="firstTile">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="output">Their bytes; holds zeros.</param>
    /// <param name="errors">For each part, what conversion changed is added.</param>
    /// <exception cref="ModelFormatException">A weight is infinite, not a number, or too large for the type it is converted to.</exception>
    public void Pack(int firstTile, int count, Span<byte> output, Span<ErrorSum> errors)
    {
        // Rows that are converted lie here for as long as their tile is packed.
        var converted = _sources.Select(source => Converts && source is { IsConverted: true } ? source.RunBytes : 0).DefaultIfEmpty().Max();
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
        for (var i = 0; i < PackedLayouts.Tile; i++)
        {
            var (part, index) = _rows[(tile * PackedLayouts.Tile) + i];
            if (part >= 0)
                BitConverter.TryWriteBytes(output[(i * sizeof(float))..], _vectors[part][index]);
        }
    }

    private float[] Vector(IWeights weights, PackedPart part)
    {
        var values = part.Tensor.Length == 0 ? new float[part.Rows] : Stored(weights, part);
        if (part.Offset != 0 || part.Factor != 1)
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = (values[i] + part.Offset) * part.Factor;
        }

        return values;
    }

    private float[] Stored(IWeights weights, PackedPart part)
    {
        var source = Find(weights, part);
        var stored = new float[checked((int)source.Rows * source.Columns)];
        if (TensorDecoder.Find((int)source.RunType) is not { BlockValues: 1 } || source.IsConverted)
            throw new ModelFormatException(_path, $"tensors of type {source.Storage} cannot be packed as {_tensor.Layout}", part.Tensor);
        if (part.View is null && stored.Length != part.SourceValues)
            throw WrongShape(part, source, 1, part.SourceValues);
        for (var row = 0; row < source.Rows; row++)
            source.Decode(row, stored.AsSpan(row * source.Columns, source.Columns));
        var values = part.View is { } view ? Enumerable.Range(0, part.SourceValues).Select(i => stored[view.RowStart(i)]).ToArray() : stored;
        return part.Distances is { } distances ? Enumerable.Range(0, part.Rows).Select(i => values[distances.Source(i)]).ToArray() : values;
    }

    private WeightTensor Source(IWeights weights, PackedPart part)
    {
        var source = Find(weights, part);
        if (_tensor.Layout == PackedLayout.Float16 && PackedLayouts.IsInteger(PackedLayouts.Of(source.RunType)))
            source = new HalvedWeight(_path, source);
        if (part.View is { } view)
        {
            var isRows = view.ColumnStride == 1 && source.Columns == _tensor.Columns;
            source = isRows ? new ViewedRows(_path, source, view, part.Rows) : new TransposedWeight(_path, source, view, part.Rows, _tensor.Columns);
        }

        if (source.Rows != part.Rows || source.Columns != _tensor.Columns)
            throw WrongShape(part, source, part.Rows, _tensor.Columns);
        return _tensor.Layout == PackedLayout.Float32 || PackedLayouts.Of(source.RunType) == _tensor.Layout
            ? source
            : throw new ModelFormatException(_path, $"tensors of type {source.Storage} cannot be packed as {_tensor.Layout}", part.Tensor);
    }

    private WeightTensor Find(IWeights weights, PackedPart part) =>
        weights.FindWeight(part.Tensor) ?? throw new ModelFormatException(_path, "a tensor that the plan packs is missing", part.Tensor);

    private ModelFormatException WrongShape(PackedPart part, WeightTensor source, long rows, int columns) =>
        new(_path, $"the plan expects [{rows}, {columns}] and the tensor is [{source.Rows}, {source.Columns}]", part.Tensor);
}
