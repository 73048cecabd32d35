using KernelForge.Formats.IO;

namespace KernelForge.Formats.Gguf;

/// <summary>Reads the tensor table and checks that every tensor lies in the file and none overlaps another.</summary>
internal static class GgufTensorTable
{
    private const int LongestName = 64;
    private const int MostDimensions = 4;

    public static List<GgufTensor> Read(ref GgufReader reader, MappedFile file, int count, uint alignment, out long dataOffset)
    {
        var tensors = new List<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            reader.Subject = $"tensor {i}";
            var start = reader.Offset;
            var name = reader.Name("tensor name", LongestName);
            reader.Subject = name;
            if (!names.Add(name))
                throw reader.Error("two tensors of the same name", start);
            tensors.Add(ReadEntry(ref reader, name, alignment));
        }

        reader.Subject = null;
        dataOffset = checked((reader.Offset + alignment - 1) / alignment * alignment);
        CheckPadding(file, reader.Offset, dataOffset);
        for (var i = 0; i < tensors.Count; i++)
            tensors[i] = Place(file, tensors[i], dataOffset);
        CheckOverlap(file, tensors);
        return tensors;
    }

    // Zeros by the format. Anything else says that the table has more entries than the header counts, so that the data would be read from a wrong place.
    private static void CheckPadding(MappedFile file, long start, long end)
    {
        end = Math.Min(end, file.Length);
        if (start < end && file.Span(start, (int)(end - start)).ContainsAnyExcept((byte)0))
            throw new ModelFormatException(file.Path, $"bytes between the tensor table and the data at {end:N0} are not zero: the table ends later than its count says, or the alignment is another", offset: start);
    }

    // Offsets are still relative to the data here.
    private static GgufTensor ReadEntry(ref GgufReader reader, string name, uint alignment)
    {
        var start = reader.Offset;
        var dimensions = reader.UInt32();
        if (dimensions is 0 or > MostDimensions)
            throw reader.Error($"{dimensions:N0} dimensions; 1 to {MostDimensions} are expected", start);

        var shape = new long[dimensions];
        var values = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            start = reader.Offset;
            var size = reader.UInt64();
            if (size is 0 or > long.MaxValue || Math.BigMul(values, (long)size, out var product) != 0 || product < 0)
                throw reader.Error($"a dimension of {size:N0}: dimensions are at least 1 and their product is below 2^63", start);
            values = product;
            shape[i] = (long)size;
        }

        start = reader.Offset;
        var id = reader.UInt32();
        var type = (id <= int.MaxValue ? GgmlType.Find((int)id) : null)
            ?? throw reader.Error($"unknown tensor type {id}; a type that ggml knows is expected", start);
        if (shape[^1] % type.BlockValues != 0)
            throw reader.Error($"rows of {shape[^1]:N0} values are not a multiple of the {type.BlockValues} that a block of {type.Name} holds", start);
        if (values / type.BlockValues > long.MaxValue / type.BlockBytes)
            throw reader.Error("the size in bytes overflows", start);

        start = reader.Offset;
        var offset = reader.UInt64();
        if (offset > long.MaxValue || offset % alignment != 0)
            throw reader.Error($"data offset {offset:N0} is not a multiple of the alignment {alignment}", start);
        return new GgufTensor(name, type, new EquatableArray<long>(shape), (long)offset, values / type.BlockValues * type.BlockBytes);
    }

    private static GgufTensor Place(MappedFile file, GgufTensor tensor, long dataOffset)
    {
        if (dataOffset > file.Length || tensor.Offset > file.Length - dataOffset || tensor.Length > file.Length - dataOffset - tensor.Offset)
            throw new ModelFormatException(
                file.Path, $"the tensor's {tensor.Length:N0} bytes at {tensor.Offset:N0} of the data reach beyond the end of the file ({file.Length:N0})", tensor.Name, dataOffset,
                "The file is truncated: download it again.");
        return tensor with { Offset = dataOffset + tensor.Offset };
    }

    private static void CheckOverlap(MappedFile file, List<GgufTensor> tensors)
    {
        var end = 0L;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset))
        {
            if (tensor.Offset < end)
                throw new ModelFormatException(file.Path, "the tensor's data overlap another tensor's", tensor.Name, tensor.Offset);
            end = tensor.Offset + tensor.Length;
        }
    }
}
