using System.Buffers.Binary;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.Checkpoints;

/// <summary>One tensor as a checkpoint stores it.</summary>
internal sealed record StoredTensor(SafetensorsFile File, SafetensorsTensor Tensor)
{
    public string Name => Tensor.Name;

    public string Type => Tensor.Type;

    public EquatableArray<long> Shape => Tensor.Shape;

    public ReadOnlySpan<byte> Bytes(long offset, int length) => File.Bytes(Tensor, offset, length);

    /// <summary>A number of an F32, F16 or BF16 tensor.</summary>
    public float Float(long index) => Type switch
    {
        "F32" => BinaryPrimitives.ReadSingleLittleEndian(Bytes(index * 4, 4)),
        "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(Bytes(index * 2, 2)),
        "BF16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(index * 2, 2)) << 16),
        _ => throw Error($"F32, F16 or BF16 is expected and the type is {Type}"),
    };

    /// <summary>A word of an I32 or U32 tensor.</summary>
    public uint Word(long index) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(index * 4, 4));

    /// <summary>Checks type and shape.</summary>
    /// <exception cref="ModelFormatException">They are others.</exception>
    public StoredTensor Expect(string types, params ReadOnlySpan<long> shape)
    {
        if (!types.Split(' ').Contains(Type, StringComparer.Ordinal))
            throw Error($"the type is {Type}; {types.Replace(" ", " or ", StringComparison.Ordinal)} is expected");
        return Shape.AsEnumerable().SequenceEqual(shape.ToArray())
            ? this
            : throw Error($"the shape is [{string.Join(", ", Shape)}]; [{string.Join(", ", shape.ToArray())}] belongs to the tensors beside it");
    }

    /// <summary>Checks that it is a matrix of some type, and gives its size.</summary>
    /// <exception cref="ModelFormatException">It is something else.</exception>
    public (int Rows, int Columns) Matrix(string types)
    {
        if (Shape.Count != 2 || Shape.Any(size => size is 0 or > 1 << 24))
            throw Error($"the shape is [{string.Join(", ", Shape)}]; a matrix is expected");
        Expect(types, [.. Shape]);
        return ((int)Shape[0], (int)Shape[1]);
    }

    public ModelFormatException Error(string problem) => new(File.Path, problem, Name, Tensor.Offset);
}

/// <summary>All tensors of a checkpoint by name.</summary>
internal sealed class StoredTensors(IEnumerable<StoredTensor> tensors)
{
    private readonly Dictionary<string, StoredTensor> _byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);

    public StoredTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The tensor beside another one.</summary>
    /// <exception cref="ModelFormatException">There is none.</exception>
    public StoredTensor Require(string name, StoredTensor beside) => Find(name) ?? throw beside.Error($"the tensor {name} that belongs to it is missing");

    /// <summary>Every tensor whose name ends so, and what stands before that.</summary>
    public IEnumerable<(string Module, StoredTensor Tensor)> Ending(string suffix) =>
        _byName.Values.Where(tensor => tensor.Name.EndsWith(suffix, StringComparison.Ordinal) && tensor.Name.Length > suffix.Length)
            .Select(tensor => (tensor.Name[..^suffix.Length], tensor));
}
