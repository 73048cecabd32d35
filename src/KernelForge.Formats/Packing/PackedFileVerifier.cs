namespace KernelForge.Formats.Packing;

/// <summary>Reads every byte of a packed file and compares its checksums.</summary>
public static class PackedFileVerifier
{
    /// <summary>Verifies a packed file, alone or appended to an executable.</summary>
    /// <exception cref="PackedFileException">What is wrong, and where.</exception>
    public static PackedFileReport Verify(string path, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException(path);
}

/// <summary>What a verified packed file holds.</summary>
/// <param name="Offset">Where it begins in its host file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="PlanHash">Hexadecimal hash of its plan.</param>
/// <param name="Sections">Its sections.</param>
public sealed record PackedFileReport(long Offset, long Length, string PlanHash, IReadOnlyList<PackedSection> Sections);

/// <summary>One section.</summary>
/// <param name="Name">E.g. <c>weights</c>.</param>
/// <param name="Offset">Bytes from the start of the packed file.</param>
/// <param name="Length">Bytes.</param>
public sealed record PackedSection(string Name, long Offset, long Length);
