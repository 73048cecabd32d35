using KernelForge.Formats.Decoding;
using KernelForge.Formats.Gguf;
using KernelForge.Plans;

namespace KernelForge.Formats.Packing;

/// <summary>Packs tiles of one tensor (docs/packed-format.md, "Matrices"). Thread-safe: workers pack different tiles of it at the same time.</summary>
internal sealed unsafe class TilePacker
{
    private readonly GgufFile _file;
    private readonly PackedTensor _tensor;
    private readonly RowMap _rows;
    private readonly GgufTensor?[] _sources;

    /// <summary>Checks the sources of a packed tensor.</summary>
    /// <exception cref="ModelFormatException">A source is missing or is not what the plan says.</exception>
    public TilePacker(GgufFile file, PackedTensor tensor)
    {
        _file = file;
        _tensor = tensor;
        _sources = tensor.Parts.Select(Source).ToArray();
        _rows = new RowMap(tensor);
    }

    /// <summary>Tiles of the tensor.</summary>
    public int Tiles => PackedLayouts.Tiles(_tensor);

    /// <summary>Bytes of a tile.</summary>
    public int TileBytes => (int)(PackedLayouts.Length(_tensor) / Tiles);

    /// <summary>Packs consecutive tiles into <paramref name="output"/>, which holds zeros.</summary>
    /// <exception cref="ModelFormatException">A weight is infinite or not a number.</exception>
    public void Pack(int firstTile, int count, Span<byte> output)
    {
        var rows = stackalloc byte*[PackedLayouts.Tile];
        for (var tile = firstTile; tile < firstTile + count; tile++)
        {
            if (_tensor.Layout == PackedLayout.Vector)
                PackVector(tile, output);
            else
                PackMatrix(tile, rows, output);
            output = output[TileBytes..];
        }
    }

    private void PackMatrix(int tile, byte** rows, Span<byte> output)
    {
        var decoders = new TensorDecoder?[PackedLayouts.Tile];
        for (var i = 0; i < PackedLayouts.Tile; i++)
        {
            var (part, row) = _rows[(tile * PackedLayouts.Tile) + i];
            rows[i] = null;
            if (part < 0 || _sources[part] is not { } source)
                continue;
            rows[i] = _file.Pointer(source) + (row * source.RowBytes);
            decoders[i] = TensorDecoder.Find(source.Type.Id)!;
            if (!decoders[i]!.AllFinite(new ReadOnlySpan<byte>(rows[i], (int)source.RowBytes)))
                throw NotFinite(source, source.Offset + (row * source.RowBytes));
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
            case PackedLayout.Float16 or PackedLayout.BFloat16:
                FloatTile.Pack16(rows, _tensor.Columns, output);
                break;
            default:
                FloatTile.Pack32(rows, _tensor.Columns, decoders, output);
                break;
        }
    }

    private void PackVector(int tile, Span<byte> output)
    {
        Span<float> value = stackalloc float[1];
        for (var i = 0; i < PackedLayouts.Tile; i++)
        {
            var (part, index) = _rows[(tile * PackedLayouts.Tile) + i];
            if (part < 0 || _sources[part] is not { } source)
                continue;
            var bytes = source.Type.BlockBytes;
            TensorDecoder.Decode((WeightType)source.Type.Id, new ReadOnlySpan<byte>(_file.Pointer(source) + ((long)index * bytes), bytes), value);
            if (!float.IsFinite(value[0]))
                throw NotFinite(source, source.Offset + ((long)index * bytes));
            BitConverter.TryWriteBytes(output[(i * sizeof(float))..], value[0]);
        }
    }

    private ModelFormatException NotFinite(GgufTensor source, long offset) =>
        new(_file.Path, "a weight or scale in this row is infinite or not a number", source.Name, offset);

    // Null: a part without a tensor (the bias of a projection that has none).
    private GgufTensor? Source(PackedPart part)
    {
        if (part.Tensor.Length == 0 && _tensor.Layout == PackedLayout.Vector)
            return null;
        var source = _file.FindTensor(part.Tensor) ?? throw new ModelFormatException(_file.Path, "a tensor that the plan packs is missing", part.Tensor);
        var (rows, columns) = _tensor.Layout == PackedLayout.Vector ? (1, part.Rows) : (part.Rows, _tensor.Columns);
        if (source.Rows != rows || source.Columns != columns)
            throw new ModelFormatException(_file.Path, $"the plan expects [{rows}, {columns}] and the tensor is [{source.Rows}, {source.Columns}]", part.Tensor);
        var decoder = TensorDecoder.Find(source.Type.Id);
        var fits = _tensor.Layout switch
        {
            PackedLayout.Vector => decoder?.BlockValues == 1,
            PackedLayout.Float32 => decoder is not null,
            _ => decoder is not null && PackedLayouts.Of(decoder.Type) == _tensor.Layout,
        };
        return fits ? source : throw new ModelFormatException(_file.Path, $"tensors of type {source.Type.Name} cannot be packed as {_tensor.Layout}", part.Tensor);
    }
}
