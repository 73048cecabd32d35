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

    private readonly string _path;

    private ModelFile(string path, GgufFile? file, HuggingFaceFolder? folder) => (_path, _file, _folder) = (path, file, folder);

    /// <summary>Its tensors.</summary>
    public IWeights Weights => _folder is not null ? _folder : _file!;

    /// <summary>The folder, or null: it is a GGUF file.</summary>
    public HuggingFaceFolder? Folder => _folder;

    /// <summary>The GGUF file, or null: it is a folder.</summary>
    public GgufFile? Gguf => _file;

    /// <summary>Which model it is.</summary>
    public SourceIdentity Source => _folder?.Manifest.Source ?? SourceStamp.Compute(_file!);

    /// <summary>Opens a model.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="allowNonFinite">Whether weights may be infinite or not a number.</param>
    /// <exception cref="ModelFormatException">It is none, or is damaged.</exception>
    public static ModelFile Open(string path, bool allowNonFinite = false)
    {
        if (!Directory.Exists(path))
            return new ModelFile(path, GgufFile.Open(path, allowNonFinite), null);
        if (!File.Exists(System.IO.Path.Combine(path, "config.json")))
        {
            var files = Directory.EnumerateFiles(path, "*.gguf").Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal).Take(3).ToList();
            throw files.Count > 0
                ? new ModelFormatException(path, $"this folder holds {string.Join(", ", files)}", remedy: "Name the file itself.")
                : new ModelFormatException(path, "this folder is no model: no such file in it", "config.json", remedy: "Name a .gguf file, or a folder as Hugging Face lays it out.");
        }

        return new ModelFile(path, null, HuggingFaceFolder.Open(path, allowNonFinite));
    }

    /// <summary>What the compiler needs to know of it.</summary>
    /// <exception cref="ModelFormatException">It cannot be read as a model.</exception>
    public Manifest Describe() => _folder?.Manifest ?? Describer.Describe(_file!);

    /// <summary>The packed tokenizer, or null: it has none.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is damaged.</exception>
    public byte[]? Tokenizer() => _file is null ? TokenizerSection.WriteFolder(_path) : TokenizerSection.Write(_file);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _folder?.Dispose();
    }
}
