using KernelForge.Formats.Gguf;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Tokenizers;
using KernelForge.Formats.Weights;
using KernelForge.Manifests;

namespace KernelForge.Formats.Description;

/// <summary>A model as it is found: a GGUF file, or a folder as Hugging Face lays it out.</summary>
public sealed class ModelFile : IDisposable
{
    private readonly GgufFile? _file;
    private readonly HuggingFaceFolder? _folder;

    private ModelFile(GgufFile? file, HuggingFaceFolder? folder) => (_file, _folder) = (file, folder);

    /// <summary>Its tensors.</summary>
    public IWeights Weights => _folder is not null ? _folder : _file!;

    /// <summary>The GGUF file, or null: it is a folder.</summary>
    public GgufFile? Gguf => _file;

    /// <summary>Which model it is.</summary>
    public SourceIdentity Source => _folder?.Manifest.Source ?? SourceStamp.Compute(_file!);

    /// <summary>Opens a model.</summary>
    /// <exception cref="ModelFormatException">It is none, or is damaged.</exception>
    public static ModelFile Open(string path) => Directory.Exists(path) ? new ModelFile(null, HuggingFaceFolder.Open(path)) : new ModelFile(GgufFile.Open(path), null);

    /// <summary>What the compiler needs to know of it.</summary>
    /// <exception cref="ModelFormatException">It cannot be read as a model.</exception>
    public Manifest Describe() => _folder?.Manifest ?? Describer.Describe(_file!);

    /// <summary>The packed tokenizer, or null: it has none that is read.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is damaged.</exception>
    public byte[]? Tokenizer() => _file is null ? null : TokenizerSection.Write(_file);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _folder?.Dispose();
    }
}
