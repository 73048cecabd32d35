using KernelForge.Formats.IO;

namespace KernelForge.Formats.Packing;

/// <summary>Appends packed files to an executable, at page boundaries, so that the program maps its weights from itself.</summary>
public static class PackedAppender
{
    private const int Piece = 1 << 20;

    /// <summary>Appends, after taking off what an earlier call appended. The executable is replaced by rename and keeps its mode bits.</summary>
    /// <param name="executablePath">The program.</param>
    /// <param name="packedPaths">All packed files that it is to carry.</param>
    /// <exception cref="PackedFileException">A packed file is damaged.</exception>
    /// <exception cref="ModelFormatException">A file cannot be read.</exception>
    public static void Append(string executablePath, params IReadOnlyList<string> packedPaths)
    {
        UnixFileMode? mode = OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(executablePath);

        OutputFile.Write(
            executablePath,
            stream =>
            {
                // Unmapped before the rename: Windows does not replace a file that is mapped.
                using var executable = MappedFile.Open(executablePath);
                var end = PackedTrailer.HostBytes(executable);
                Copy(executable, 0, end, stream);
                foreach (var path in packedPaths)
                    end = AppendOne(stream, end, path);
            },
            mode);
    }

    private static long AppendOne(Stream stream, long end, string packedPath)
    {
        using var packed = MappedFile.Open(packedPath);
        var header = PackedHeader.Read(packed);
        var start = (end + PackedFormat.PageBytes - 1) / PackedFormat.PageBytes * PackedFormat.PageBytes;
        stream.Write(new byte[start - end]);
        Copy(packed, header.Start, header.Length, stream);
        stream.Write(PackedTrailer.Create(start, header.Length, header.PlanHash));
        return start + header.Length + PackedFormat.TrailerBytes;
    }

    private static void Copy(MappedFile file, long offset, long length, Stream stream)
    {
        for (var end = offset + length; offset < end; offset += Piece)
            stream.Write(file.Span(offset, (int)Math.Min(Piece, end - offset)));
    }
}
