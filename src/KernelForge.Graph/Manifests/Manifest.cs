namespace KernelForge.Manifests;

/// <summary>What the compiler knows of a model file: everything but the weights and the vocabulary. Written by <c>describe</c>, read by the generator.</summary>
/// <param name="Source">Which file this was read from.</param>
/// <param name="Architecture">The architecture's name, as GGUF spells it (<c>llama</c>).</param>
/// <param name="Metadata">Scalars, strings and short numeric arrays, sorted by key (ordinal).</param>
/// <param name="Tensors">The tensor table in file order.</param>
public sealed record Manifest(
    SourceIdentity Source,
    string Architecture,
    EquatableArray<MetadataEntry> Metadata,
    EquatableArray<TensorEntry> Tensors)
{
    /// <summary>The entry of this key, or null.</summary>
    public MetadataEntry? Find(string key) => Metadata.FirstOrDefault(entry => entry.Key == key);

    /// <summary>The tensor of this name, or null.</summary>
    public TensorEntry? FindTensor(string name) => Tensors.FirstOrDefault(tensor => tensor.Name == name);
}

/// <summary>The identity of a model file: a changed file must not be packed under an old plan.</summary>
/// <param name="FileName">Name without its directory.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Stamp">Hexadecimal SHA-256 over the header (metadata and tensor table) and 64 evenly spaced 4 KiB samples of the data.</param>
public sealed record SourceIdentity(string FileName, long Length, string Stamp);

/// <summary>One metadata value in invariant text.</summary>
/// <param name="Key">As in the file, e.g. <c>llama.block_count</c>. Keys that start with <c>kernelforge.</c> were derived by describe.</param>
/// <param name="Type">What the text stands for.</param>
/// <param name="Text">Integers in decimal, floats in round-trip form, booleans as true or false, arrays with commas between.</param>
public sealed record MetadataEntry(string Key, MetadataType Type, string Text);

/// <summary>The kinds of metadata values a manifest carries.</summary>
public enum MetadataType
{
    /// <summary>A signed or unsigned integer.</summary>
    Integer,

    /// <summary>A binary32 or binary64 number.</summary>
    Float,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>Text.</summary>
    String,

    /// <summary>Integers with commas between.</summary>
    IntegerArray,

    /// <summary>Floats with commas between.</summary>
    FloatArray,

    /// <summary>null in a folder's <c>config.json</c>: the option is off, where without its name it would be its authors' default. The text is empty.</summary>
    Null,
}

/// <summary>One tensor of the file.</summary>
/// <param name="Name">As in the file.</param>
/// <param name="Type">How its values are stored, as ggml's type id; ids this version does not know are kept as they are.</param>
/// <param name="Shape">Slowest dimension first: [rows, columns] for a matrix, [length] for a vector.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes.</param>
public sealed record TensorEntry(string Name, int Type, EquatableArray<long> Shape, long Offset, long Length);
