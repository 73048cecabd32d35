using KernelForge.Formats.IO;
using KernelForge.Packed;

namespace KernelForge.Formats.Packing;

/// <summary>Appends packed files to an executable, at page boundaries, so that the program maps its weights from itself.</summary>
public static class PackedAppender
{
    private const int Piece = 1 << 20;

    /// <summary>Appends, after taking off what an earlier call appended. The executable is replaced by rename and keeps its mode bits.</summary>
    /// <param name="executablePath">The program.</param>
    /// <param name="packedPaths">All packed files that it is to carry.</param>
    /// <param name="cancellation">Leaves the executable as it was.</param>
    /// <exception cref="PackedFileException">A packed file is damaged.</exception>
    /// <exception cref="ModelFormatException">A file cannot be read.</exception>
    public static void Append(string executablePath, IReadOnlyList<string> packedPaths, CancellationToken cancellation = default)
    {
        using var fileLock = FileLock.Take(executablePath + ".lock", cancellation);
        UnixFileMode? mode = OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(executablePath);

        OutputFile.Write(
            executablePath,
            stream =>
            {
                // Unmapped before the rename: Windows does not replace a file that is mapped.
                using var executable = MappedFile.Open(executablePath);
                var end = PackedTrailer.HostBytes(executable);
                Copy(executable, 0, end, stream, cancellation);
                foreach (var path in packedPaths)
                    end = AppendOne(stream, end, path, cancellation);
            },
            mode);
    }

    private static long AppendOne(Stream stream, long end, string packedPath, CancellationToken cancellation)
    {
        using var packed = MappedFile.Open(packedPath);
        var header = PackedHeader.Read(packed);
        var start = (end + PackedFormat.PageBytes - 1) / PackedFormat.PageBytes * PackedFormat.PageBytes;
        stream.Write(new byte[start - end]);
        Copy(packed, header.Start, header.Length, stream, cancellation);
        stream.Write(PackedTrailer.Create(start, header.Length, header.PlanHash));
        return start + header.Length + PackedFormat.TrailerBytes;
    }

    private static void Copy(MappedFile file, long offset, long length, Stream stream, CancellationToken cancellation)
    {
        for (var end = offset + length; offset < end; offset += Piece)
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(file.Span(offset, (int)Math.Min(Piece, end - offset)));
        }
    }
}
