using System.Buffers.Binary;
using System.Text.Json;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Safetensors;

/// <summary>The JSON header of a safetensors file: eight bytes of length, an object, then the data without holes.</summary>
internal sealed class SafetensorsHeader
{
    private const int LongestHeader = 100_000_000;
    private const int DeepestJson = 4;
    private readonly MappedFile _file;
    private readonly long _dataOffset;
    private readonly List<SafetensorsTensor> _tensors = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(MappedFile file, long dataOffset)
    {
        _file = file;
        _dataOffset = dataOffset;
    }

    public IReadOnlyList<SafetensorsTensor> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    public static SafetensorsHeader Read(MappedFile file)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Span(0, 8));
        if (length is 0 or > LongestHeader || (long)length > file.Length - 8)
            throw new ModelFormatException(file.Path, $"a header of {length:N0} bytes in a file of {file.Length:N0}; 1 to {Math.Min(LongestHeader, file.Length - 8):N0} are expected", offset: 0);
        var json = file.Span(8, (int)length);
        if (json[0] != (byte)'{')
            throw new ModelFormatException(file.Path, "the header does not begin with '{'", offset: 8);

        var header = new SafetensorsHeader(file, 8 + (long)length);
        try
        {
            header.ReadObject(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a lone surrogate in a name.
            throw new ModelFormatException(file.Path, $"the header is not valid JSON: {error.Message.TrimEnd('.')}", offset: 8, inner: error);
        }
        header.CheckPlaces();
        return header;
    }

    private void ReadObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DeepestJson });
        var names = new HashSet<string>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name))
                throw Error("the same name twice", name, reader.TokenStartIndex);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Error($"an object is expected and {reader.TokenType} stands there", name, reader.TokenStartIndex);
            if (name == "__metadata__")
                ReadMetadata(ref reader);
            else
                _tensors.Add(ReadEntry(ref reader, name));
        }
        while (reader.Read())
            throw Error("text after the header's object", null, reader.TokenStartIndex);
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Error($"metadata '{key}' is {reader.TokenType} and must be text", "__metadata__", reader.TokenStartIndex);
            if (!_metadata.TryAdd(key, reader.GetString()!))
                throw Error($"metadata '{key}' twice", "__metadata__", reader.TokenStartIndex);
        }
    }

    private SafetensorsTensor ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String:
                    type = reader.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref reader, name);
                    break;
                default:
                    throw Error($"field '{field}' is unknown, repeated or of the wrong type {reader.TokenType}", name, reader.TokenStartIndex);
            }
        }
        if (type is null || shape is null || offsets is not [var first, var last])
            throw Error("dtype, shape and two data_offsets are expected", name, reader.TokenStartIndex);
        if (last < first || last > _file.Length - _dataOffset)
            throw Error($"data_offsets {first:N0} to {last:N0} of {_file.Length - _dataOffset:N0} bytes of data", name, reader.TokenStartIndex);
        if (SizeOf(type, shape, name, reader.TokenStartIndex) is var size && size != last - first)
            throw Error($"{type}[{string.Join(", ", shape)}] takes {size:N0} bytes and data_offsets give {last - first:N0}", name, reader.TokenStartIndex);
        return new SafetensorsTensor(name, type, shape.ToEquatableArray(), _dataOffset + first, last - first);
    }

    private List<long> ReadIntegers(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Error($"an array is expected and {reader.TokenType} stands there", name, reader.TokenStartIndex);
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value) || value < 0)
                throw Error($"{reader.TokenType} stands where shape and data_offsets hold integers from 0 to 2^63 - 1", name, reader.TokenStartIndex);
            values.Add(value);
        }
        return values;
    }

    private long SizeOf(string type, List<long> shape, string name, long place)
    {
        var bits = type switch
        {
            "F4" => 4,
            "F6_E2M3" or "F6_E3M2" => 6,
            "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" or "F8_E8M0" => 8,
            "U16" or "I16" or "F16" or "BF16" => 16,
            "U32" or "I32" or "F32" => 32,
            "U64" or "I64" or "F64" or "C64" => 64,
            _ => throw Error($"unknown dtype '{type}'", name, place),
        };
        try
        {
            return checked(shape.Aggregate(1L, (product, dimension) => checked(product * dimension)) * bits / 8);
        }
        catch (OverflowException)
        {
            throw Error($"the size of {type}[{string.Join(", ", shape)}] overflows 64 bits", name, place);
        }
    }

    // Every byte of the data belongs to exactly one tensor.
    private void CheckPlaces()
    {
        var end = _dataOffset;
        foreach (var tensor in _tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Length))
        {
            if (tensor.Offset != end)
                throw new ModelFormatException(_file.Path, tensor.Offset < end ? "two tensors overlap" : "a hole in the data", tensor.Name, tensor.Offset);
            end += tensor.Length;
        }
        if (end != _file.Length)
            throw new ModelFormatException(_file.Path, $"{_file.Length - end:N0} bytes after the last tensor", offset: end);
    }

    // Places are counted from the header's first byte.
    private ModelFormatException Error(string problem, string? name, long place) => new(_file.Path, problem, name, 8 + place);
}
