using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KernelForge.Formats.Checkpoints;
using KernelForge.Formats.IO;
using KernelForge.Formats.Safetensors;
using KernelForge.Formats.Weights;
using KernelForge.Manifests;

namespace KernelForge.Formats.HuggingFace;

/// <summary>
/// A model folder as Hugging Face lays it out: <c>config.json</c>, and <c>model.safetensors</c> or shards with an index. Its manifest has the
/// keys of GGUF, so that an architecture reads both alike, and the folder's own tensor names.
/// </summary>
public sealed class HuggingFaceFolder : IWeights, IDisposable
{
    // Not one of ggml's types: whoever needs the tensor refuses it.
    private const int UnknownType = 1000;

    private const int SampleBytes = 1024;

    // What is packed with the weights, or compiled, beside them.
    private static readonly string[] TokenizerFiles = ["chat_template.jinja", "generation_config.json", "tokenizer.json", "tokenizer_config.json"];

    private readonly IReadOnlyList<SafetensorsFile> _shards;
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> _tensors;
    private readonly Dictionary<string, LogicalTensor> _logical;

    private HuggingFaceFolder(string path, HuggingFaceConfig config, IReadOnlyList<SafetensorsFile> shards, IEnumerable<(SafetensorsFile File, SafetensorsTensor Tensor)> tensors, bool allowNonFinite)
    {
        (Path, AllowsNonFinite) = (path, allowNonFinite);
        _shards = shards;
        var ordered = tensors.ToList();
        _tensors = ordered.ToDictionary(tensor => tensor.Tensor.Name, StringComparer.Ordinal);
        var stored = new StoredTensors(ordered.Select(tensor => new StoredTensor(tensor.File, tensor.Tensor)));
        _logical = LogicalTensor.ByName((config.Layout?.Combine(stored) ?? []).Concat(StackedNorms.Combine(stored, allowNonFinite)), stored);
        var taken = _logical.Values.SelectMany(tensor => tensor.Stored).Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var modules = SentenceModules.Read(path);
        Manifest = new Manifest(
            Identity(path, config, modules, ordered), config.Architecture, Metadata(path, config, modules),
            ordered.Where(tensor => !taken.Contains(tensor.Tensor.Name)).Select(tensor => Entry(tensor.Tensor))
                .Concat(_logical.Values.Select(Entry)).ToEquatableArray());
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <summary>What the compiler knows of the model. Offsets of tensors are those in their shard.</summary>
    public Manifest Manifest { get; }

    /// <summary>Opens a folder and checks its configuration and the headers of its weights.</summary>
    /// <exception cref="ModelFormatException">The folder is no model, or something in it is damaged.</exception>
    public static HuggingFaceFolder Open(string path, bool allowNonFinite = false)
    {
        var shards = new List<SafetensorsFile>();
        try
        {
            var config = HuggingFaceConfig.Read(path);
            var index = ShardIndex.Read(path);
            foreach (var name in index.Shards)
                shards.Add(SafetensorsFile.Open(System.IO.Path.Combine(path, name), ContainedFile.Resolve(path, name)));
            return new HuggingFaceFolder(path, config, shards, index.Resolve(shards), allowNonFinite);
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public WeightTensor? FindWeight(string name) =>
        _logical.TryGetValue(name, out var logical) ? logical.Weight
        : Find(name) is { } found ? new FloatWeight(new StoredTensor(found.File, found.Tensor), AllowsNonFinite)
        : null;

    /// <summary>All tensors that the model names.</summary>
    public IEnumerable<(SafetensorsFile File, SafetensorsTensor Tensor)> Tensors => _tensors.Values;

    /// <summary>Whether weights may be infinite or not a number.</summary>
    public bool AllowsNonFinite { get; }

    /// <summary>Where a tensor lies, or null.</summary>
    public (SafetensorsFile File, SafetensorsTensor Tensor)? Find(string name) => _tensors.TryGetValue(name, out var found) ? found : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    private static TensorEntry Entry(SafetensorsTensor tensor) => new(tensor.Name, Type(tensor.Type), tensor.Shape, tensor.Offset, tensor.Length);

    // A quantized matrix appears as the type that it is run as.
    private static TensorEntry Entry(LogicalTensor tensor) =>
        new(tensor.Weight.Name, (int)tensor.Weight.RunType, tensor.Shape, tensor.Stored[0].Tensor.Offset, tensor.Weight.RunBytes * tensor.Weight.Rows);

    private static int Type(string type) => type switch
    {
        "F32" => (int)WeightType.F32,
        "F16" => (int)WeightType.F16,
        "BF16" => (int)WeightType.BF16,
        "I8" => 24,
        "I16" => 25,
        "I32" => 26,
        "I64" => 27,
        "F64" => 28,
        _ => UnknownType,
    };

    // The template has the key of GGUF, so that both kinds of model have theirs in the generated code.
    private static EquatableArray<MetadataEntry> Metadata(string path, HuggingFaceConfig config, SentenceModules modules)
    {
        var entries = config.Metadata.Concat(modules.Metadata);
        if (FolderTemplate.Find(path) is { } template)
            entries = entries.Append(new MetadataEntry("tokenizer.chat_template", MetadataType.String, template.Text));
        return entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToEquatableArray();
    }

    // The configuration, the files that the tokenizer is read from and those of modules, and of each tensor name, type, shape, and what it begins and ends with: two trainings
    // of one model differ in every tensor.
    private static SourceIdentity Identity(string path, HuggingFaceConfig config, SentenceModules modules, IEnumerable<(SafetensorsFile File, SafetensorsTensor Tensor)> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(config.Bytes);
        foreach (var file in TokenizerFiles.Where(file => System.IO.Path.Exists(System.IO.Path.Combine(path, file))).Concat(modules.Files))
        {
            using var content = File.OpenRead(ContainedFile.Resolve(path, file));
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(SHA256.HashData(content));
        }

        var length = 0L;
        foreach (var (file, tensor) in tensors)
        {
            var sample = (int)Math.Min(tensor.Length, SampleBytes);
            length += tensor.Length;
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{tensor.Name}\n{tensor.Type}\n{string.Join(',', tensor.Shape)}\n")));
            hash.AppendData(file.Bytes(tensor, 0, sample));
            hash.AppendData(file.Bytes(tensor, tensor.Length - sample, sample));
        }

        var name = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
        return new SourceIdentity(name, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
