using KernelForge.Formats.IO;

namespace KernelForge.Formats.Packing;

/// <summary>Appends a packed file to an executable, at a page boundary, so that the program maps its weights from itself.</summary>
public static class PackedAppender
{
    private const int Piece = 1 << 20;

    /// <summary>Appends, after taking off what an earlier call appended. The executable is replaced by rename and keeps its mode bits.</summary>
    /// <exception cref="PackedFileException">The packed file is damaged.</exception>
    /// <exception cref="ModelFormatException">A file cannot be read.</exception>
    public static void Append(string executablePath, string packedPath)
    {
        using var packed = MappedFile.Open(packedPath);
        var header = PackedHeader.Read(packed);
        using var executable = MappedFile.Open(executablePath);
        var programBytes = ProgramBytes(executable);
        var start = (programBytes + PackedFormat.PageBytes - 1) / PackedFormat.PageBytes * PackedFormat.PageBytes;
        UnixFileMode? mode = OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(executablePath);

        OutputFile.Write(
            executablePath,
            stream =>
            {
                Copy(executable, 0, programBytes, stream);
                stream.Write(new byte[start - programBytes]);
                Copy(packed, header.Start, header.Length, stream);
                stream.Write(PackedTrailer.Create(start, header.Length, header.PlanHash));
            },
            mode);
    }

    // The padding before appended weights stays part of the program: it is less than a page, and a second call then pads nothing.
    private static long ProgramBytes(MappedFile executable) => PackedTrailer.Find(executable)?.Offset ?? executable.Length;

    private static void Copy(MappedFile file, long offset, long length, Stream stream)
    {
        for (var end = offset + length; offset < end; offset += Piece)
            stream.Write(file.Span(offset, (int)Math.Min(Piece, end - offset)));
    }
}
