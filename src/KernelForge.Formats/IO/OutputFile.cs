namespace KernelForge.Formats.IO;

/// <summary>Files that appear complete or not at all.</summary>
public static class OutputFile
{
    /// <summary>Writes a whole file under a partial name of its own, and renames; needs no lock.</summary>
    /// <param name="path">The file; replaced if there.</param>
    /// <param name="bytes">Its contents.</param>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var partial = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>
    /// Writes beside <paramref name="path"/> and renames; on failure nothing is left. The partial file has one name, so that what a killed process left there
    /// is overwritten by the next; callers hold a <see cref="FileLock"/> of the path.
    /// </summary>
    /// <param name="path">The file; replaced if there.</param>
    /// <param name="write">Writes its contents.</param>
    /// <param name="mode">Mode bits of the new file on Unix, or null for the usual ones.</param>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null) => Write(path, path + ".part", write, mode);

    /// <summary>The same under a partial name of its own: needs no lock.</summary>
    /// <param name="path">The file; replaced if there.</param>
    /// <param name="write">Writes its contents.</param>
    public static void WriteUnlocked(string path, Action<Stream> write) => Write(path, $"{path}.{Guid.NewGuid():N}.part", write, null);

    private static void Write(string path, string partial, Action<Stream> write, UnixFileMode? mode)
    {
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                // On the disk before it has its name: a power cut leaves the old file or the new one.
                stream.Flush(flushToDisk: true);
            }

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
