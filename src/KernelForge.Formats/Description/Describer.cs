using KernelForge.Manifests;

namespace KernelForge.Formats.Description;

/// <summary>Reads what the compiler needs to know of a model file: headers and a few samples, milliseconds even for large files.</summary>
public static class Describer
{
    /// <summary>Describes a GGUF file.</summary>
    /// <exception cref="ModelFormatException">The file cannot be read as a model.</exception>
    public static Manifest Describe(string path) => throw new NotSupportedException(path);
}
