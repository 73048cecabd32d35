namespace KernelForge;

/// <summary>The packed weights are missing, damaged, or belong to another plan.</summary>
public sealed class PackedFileException : Exception
{
    /// <summary>Says what was found in which file and what to do.</summary>
    public PackedFileException(string message, string? filePath = null, long? offset = null, Exception? inner = null)
        : base(message, inner)
    {
        FilePath = filePath;
        Offset = offset;
    }

    /// <summary>The file, or null where none was found.</summary>
    public string? FilePath { get; }

    /// <summary>Offset in the file of what is wrong, where there is one.</summary>
    public long? Offset { get; }
}
