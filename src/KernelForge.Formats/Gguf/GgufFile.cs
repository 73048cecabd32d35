using KernelForge.Formats.Decoding;
using KernelForge.Formats.IO;
using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Gguf;

/// <summary>
/// A GGUF file (version 2 or 3, little-endian), mapped, or the files of a model that was split. Opening reads and checks the whole header and tensor table and
/// touches no weights; what the format allows is in https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
/// </summary>
public sealed unsafe class GgufFile : IWeights, IDisposable
{
    private readonly IReadOnlyList<GgufPart> _parts;
    private readonly Dictionary<string, GgufValue> _values;
    private readonly Dictionary<string, GgufTensor> _tensors;

    private GgufFile(IReadOnlyList<GgufPart> parts, int version, IReadOnlyList<GgufValue> metadata, IReadOnlyList<GgufTensor> tensors, int alignment)
    {
        _parts = parts;
        Version = version;
        Metadata = metadata;
        Tensors = tensors;
        Alignment = alignment;
        _values = metadata.ToDictionary(value => value.Key, StringComparer.Ordinal);
        _tensors = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>Path it was opened by: that of the first file.</summary>
    public string Path => _parts[0].File.Path;

    /// <summary>Bytes of all its files.</summary>
    public long Length => _parts.Sum(part => part.File.Length);

    /// <summary>2 or 3.</summary>
    public int Version { get; }

    /// <summary>Where tensor data begins in the first file; all before it is metadata and tensor table.</summary>
    public long DataOffset => _parts[0].DataOffset;

    /// <summary>Alignment of tensors in the data.</summary>
    public int Alignment { get; }

    /// <summary>Whether weights may be infinite or not a number.</summary>
    public bool AllowsNonFinite { get; private init; }

    /// <summary>Metadata in file order.</summary>
    public IReadOnlyList<GgufValue> Metadata { get; }

    /// <summary>Tensors in file order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>The files, in order.</summary>
    internal IReadOnlyList<GgufPart> Parts => _parts;

    /// <summary>Opens and checks a file, and all others of a model that was split.</summary>
    /// <param name="path">The file, or the first of several.</param>
    /// <param name="allowNonFinite">Whether weights may be infinite or not a number.</param>
    /// <exception cref="ModelFormatException">Anything about the container is wrong.</exception>
    public static GgufFile Open(string path, bool allowNonFinite = false)
    {
        var files = new List<GgufFile>();
        try
        {
            files.Add(OpenSingle(path, path, allowNonFinite));
            // The user named the first file; where the others lie is for the model's folder to say.
            var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            foreach (var other in GgufSplit.Others(files[0]))
            {
                if (!System.IO.Path.Exists(other))
                    throw GgufSplit.Missing(files[0], other);
                files.Add(OpenSingle(other, ContainedFile.Resolve(folder, System.IO.Path.GetFileName(other)), allowNonFinite));
            }

            return files.Count == 1 ? files[0] : Join(files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Whether the names of two files make them parts of one split model.</summary>
    public static bool AreOfOneModel(string path, string other) => GgufSplit.AreOfOneModel(path, other);

    /// <summary>The value of this key, or null.</summary>
    public GgufValue? Find(string key) => _values.GetValueOrDefault(key);

    /// <summary>The value of this key.</summary>
    /// <exception cref="ModelFormatException">There is none.</exception>
    public GgufValue Require(string key) => Find(key) ?? throw new ModelFormatException(Path, "a required key is missing", key);

    /// <summary>The tensor of this name, or null.</summary>
    public GgufTensor? FindTensor(string name) => _tensors.GetValueOrDefault(name);

    /// <inheritdoc/>
    public WeightTensor? FindWeight(string name)
    {
        if (FindTensor(name) is not { } tensor)
            return null;
        var decoder = TensorDecoder.Find(tensor.Type.Id)
            ?? throw new ModelFormatException(PathOf(tensor), $"tensors of type {tensor.Type.Name} hold no weights", name, tensor.Offset);
        return tensor.Columns <= int.MaxValue
            ? new GgufWeight(this, tensor, decoder)
            : throw new ModelFormatException(PathOf(tensor), $"rows of {tensor.Columns:N0} values are longer than any model needs", name, tensor.Offset);
    }

    /// <summary>First byte of a tensor's data; valid until disposal.</summary>
    public byte* Pointer(GgufTensor tensor) => _parts[tensor.Part].File.Pointer + tensor.Offset;

    /// <summary>All bytes of a tensor of less than 2 GiB.</summary>
    public ReadOnlySpan<byte> Bytes(GgufTensor tensor) => _parts[tensor.Part].File.Span(tensor.Offset, checked((int)tensor.Length));

    /// <summary>Bytes of some rows of a tensor.</summary>
    public ReadOnlySpan<byte> Rows(GgufTensor tensor, long first, int count) =>
        _parts[tensor.Part].File.Span(tensor.Offset + (first * tensor.RowBytes), checked((int)(count * tensor.RowBytes)));

    /// <summary>Path of the file that holds a tensor.</summary>
    public string PathOf(GgufTensor tensor) => _parts[tensor.Part].File.Path;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _parts)
            part.File.Dispose();
    }

    private static GgufFile OpenSingle(string path, string realPath, bool allowNonFinite)
    {
        var file = MappedFile.Open(path, realPath);
        try
        {
            return Read(file, allowNonFinite);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static GgufFile Join(List<GgufFile> files)
    {
        GgufSplit.Check(files);
        return new GgufFile(
            [.. files.SelectMany(file => file._parts)], files[0].Version, files[0].Metadata,
            [.. files.SelectMany((file, part) => file.Tensors.Select(tensor => tensor with { Part = part }))], files[0].Alignment)
        {
            AllowsNonFinite = files[0].AllowsNonFinite,
        };
    }

    private static GgufFile Read(MappedFile file, bool allowNonFinite)
    {
        var reader = new GgufReader(file);
        var version = ReadVersion(ref reader, file.Path);
        var tensorCount = reader.Count("tensors", leastBytes: 8 + 1 + 4 + 8 + 4 + 8);
        var keyCount = reader.Count("metadata keys", leastBytes: 8 + 1 + 4 + 1);

        var metadata = new List<GgufValue>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < keyCount; i++)
        {
            reader.Subject = $"key {i}";
            var start = reader.Offset;
            var key = reader.Name("key");
            reader.Subject = key;
            if (!keys.Add(key))
                throw reader.Error("the same key twice", start);
            metadata.Add(reader.Value(key));
        }

        var alignment = ReadAlignment(file, metadata);
        var tensors = GgufTensorTable.Read(ref reader, file, tensorCount, alignment, out var dataOffset);
        return new GgufFile([new GgufPart(file, dataOffset)], (int)version, metadata, tensors, (int)alignment) { AllowsNonFinite = allowNonFinite };
    }

    private static uint ReadVersion(ref GgufReader reader, string path)
    {
        var magic = reader.UInt32();
        if (magic is 0x47475546)
            throw new ModelFormatException(path, "a big-endian GGUF file", offset: 0, remedy: "Convert it to little-endian with gguf_convert_endian.");
        if (magic is not 0x46554747)
            throw new ModelFormatException(path, "this is no GGUF file: it does not begin with 'GGUF'", offset: 0, remedy: "Give the path of a .gguf model file.");
        var version = reader.UInt32();
        if (version is not (2 or 3))
            throw new ModelFormatException(path, $"GGUF version {version}; versions 2 and 3 are read", offset: 4, remedy: "Convert the model again with a current converter.");
        return version;
    }

    private static uint ReadAlignment(MappedFile file, List<GgufValue> metadata)
    {
        if (metadata.Find(value => value.Key == "general.alignment") is not { } value)
            return 32;
        if (value.Type != GgufType.UInt32)
            throw new ModelFormatException(file.Path, $"the alignment must be of type UInt32 and is {value.Type}", value.Key, value.Offset);
        var alignment = (uint)value.Integer();
        if (alignment is 0 or > 1 << 20 || (alignment & (alignment - 1)) != 0)
            throw new ModelFormatException(file.Path, $"alignment {alignment:N0}; a power of two up to 1,048,576 is expected", value.Key, value.Offset);
        return alignment;
    }
}
