using KernelForge.Formats.IO;

namespace KernelForge.Formats.Safetensors;

/// <summary>A safetensors file, mapped. Opening checks the whole header; see https://huggingface.co/docs/safetensors.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MappedFile _file;
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
    {
        _file = file;
        Tensors = header.Tensors;
        Metadata = header.Metadata;
        _byName = header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>Path it was opened by.</summary>
    public string Path => _file.Path;

    /// <summary>Tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>The free texts of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="ModelFormatException">Anything about the container is wrong.</exception>
    public static SafetensorsFile Open(string path) => Open(path, path);

    /// <summary>Opens and checks a file that lies elsewhere than its name says: a link was followed.</summary>
    internal static SafetensorsFile Open(string name, string realPath)
    {
        var file = MappedFile.Open(name, realPath);
        try
        {
            return new SafetensorsFile(file, SafetensorsHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of this name, or null.</summary>
    public SafetensorsTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="ModelFormatException">There is none.</exception>
    public SafetensorsTensor Require(string name) => Find(name) ?? throw new ModelFormatException(Path, "a required tensor is missing", name);

    /// <summary>First byte of a tensor's data; valid until disposal. It may lie at any address.</summary>
    public byte* Pointer(SafetensorsTensor tensor) => _file.Pointer + tensor.Offset;

    /// <summary>All bytes of a tensor of less than 2 GiB.</summary>
    public ReadOnlySpan<byte> Bytes(SafetensorsTensor tensor) => _file.Span(tensor.Offset, checked((int)tensor.Length));

    /// <summary>Some bytes of a tensor.</summary>
    public ReadOnlySpan<byte> Bytes(SafetensorsTensor tensor, long offset, int length) =>
        offset >= 0 && length <= tensor.Length - offset
            ? _file.Span(tensor.Offset + offset, length)
            : throw new ModelFormatException(Path, $"bytes {offset:N0} to {offset + length:N0} of a tensor of {tensor.Length:N0} are needed", tensor.Name, tensor.Offset);

    /// <summary>All values of an F32, F16 or BF16 tensor, exactly.</summary>
    /// <exception cref="ModelFormatException">The tensor has another type.</exception>
    public float[] Floats(SafetensorsTensor tensor)
    {
        var type = tensor.Type switch
        {
            "F32" => WeightType.F32,
            "F16" => WeightType.F16,
            "BF16" => WeightType.BF16,
            _ => throw new ModelFormatException(Path, $"a float tensor is expected and the type is {tensor.Type}", tensor.Name),
        };
        var values = new float[checked((int)tensor.Shape.Aggregate(1L, (product, dimension) => product * dimension))];
        Decoding.TensorDecoder.Decode(type, Bytes(tensor), values);
        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">As the format spells it: <c>F32</c>, <c>BF16</c>, <c>I64</c>, ...</param>
/// <param name="Shape">Slowest dimension first; empty for a scalar.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes.</param>
public sealed record SafetensorsTensor(string Name, string Type, EquatableArray<long> Shape, long Offset, long Length);
