namespace KernelForge.Formats.IO;

/// <summary>Files that appear complete or not at all.</summary>
public static class OutputFile
{
    /// <summary>
    /// Writes beside <paramref name="path"/> and renames; on failure nothing is left. The partial file has one name, so that what a killed process left there
    /// is overwritten by the next; callers hold a <see cref="FileLock"/> of the path.
    /// </summary>
    /// <param name="path">The file; replaced if there.</param>
    /// <param name="write">Writes its contents.</param>
    /// <param name="mode">Mode bits of the new file on Unix, or null for the usual ones.</param>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        var partial = path + ".part";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
                write(stream);
            if (mode is { } bits && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(partial, bits);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
