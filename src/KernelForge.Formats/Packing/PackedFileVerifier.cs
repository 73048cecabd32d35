using KernelForge.Formats.IO;
using KernelForge.Packed;

namespace KernelForge.Formats.Packing;

/// <summary>Reads every byte of a packed file and compares its checksums.</summary>
public static class PackedFileVerifier
{
    private const int Piece = 1 << 22;

    /// <summary>Verifies a packed file that stands alone, or all that an executable carries, first to last.</summary>
    /// <exception cref="PackedFileException">What is wrong, and where.</exception>
    /// <exception cref="ModelFormatException">The file cannot be read.</exception>
    public static IReadOnlyList<PackedFileReport> Verify(string path, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        using var file = MappedFile.Open(path);
        var reports = new List<PackedFileReport>();
        foreach (var header in PackedHeader.ReadAll(file))
        {
            for (var i = 0; i < header.Sections.Count; i++)
                CheckSection(file, header, i, progress, cancellation);
            CheckPadding(file, header);
            reports.Add(new PackedFileReport(header.Start, header.Length, Convert.ToHexStringLower(header.PlanHash), header.Sections));
        }
        progress?.Report(1);
        return reports;
    }

    private static void CheckSection(MappedFile file, PackedHeader header, int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        var section = header.Sections[index];
        var start = header.Start + section.Offset;
        var checksum = new XxHash3();
        for (var done = 0L; done < section.Length; done += Piece)
        {
            cancellation.ThrowIfCancellationRequested();
            checksum.Append(file.Span(start + done, (int)Math.Min(Piece, section.Length - done)));
            progress?.Report((double)(start + done) / file.Length);
        }
        if (checksum.Finish() != header.Checksums[index])
        {
            throw new PackedFileException(
                $"{file.Path}: section '{section.Name}' (offset {start:N0}, {section.Length:N0} bytes) does not match its checksum. The file is damaged: build or publish again.",
                file.Path, start);
        }
    }

    // Bytes outside header, directory and sections are zero: so that no byte of the file can change unseen.
    private static void CheckPadding(MappedFile file, PackedHeader header)
    {
        var end = (long)PackedFormat.FixedBytes + (header.Sections.Count * PackedFormat.EntryBytes);
        foreach (var section in header.Sections.OrderBy(section => section.Offset))
        {
            CheckZero(file, header.Start + end, section.Offset - end);
            end = section.Offset + section.Length;
        }
        CheckZero(file, header.Start + end, header.Length - end);
    }

    private static void CheckZero(MappedFile file, long offset, long length)
    {
        if (length is < 0 or >= PackedFormat.PageBytes + PackedFormat.HeaderBytes || file.Span(offset, (int)length).ContainsAnyExcept((byte)0))
            throw new PackedFileException($"{file.Path}: bytes between two sections are not zero (offset {offset:N0}). The file is damaged: build or publish again.", file.Path, offset);
    }
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
