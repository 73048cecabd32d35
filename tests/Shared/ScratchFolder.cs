namespace KernelForge.Tests;

/// <summary>A folder of a test's own, deleted with all that is in it.</summary>
public sealed class ScratchFolder : IDisposable
{
    /// <summary>Its path.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("kernelforge-").FullName;

    /// <summary>The path of something in it.</summary>
    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Writes a file; returns its path.</summary>
    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    /// <summary>Names of the files in it.</summary>
    public string[] Files() => [.. Directory.GetFiles(Root).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
