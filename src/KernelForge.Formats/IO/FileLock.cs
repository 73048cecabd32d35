namespace KernelForge.Formats.IO;

/// <summary>A lock between processes, held by keeping a file open. The operating system releases it when its holder dies.</summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Waits until the lock is free, and takes it.</summary>
    public static FileLock Take(string path, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0, OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
                if (OperatingSystem.IsWindows() || IsAt(path, stream))
                    return new FileLock(stream);
                stream.Dispose();
            }
            catch (IOException error) when (IsHeld(error))
            {
                cancellation.WaitHandle.WaitOne(Pause);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Deleted while it is still held: afterwards the name may be another's lock.
        if (!OperatingSystem.IsWindows())
            File.Delete(_stream.Name);
        _stream.Dispose();
    }

    // A sharing violation, as Windows, Linux and macOS number it. That the file exists says nothing: its holder may just have deleted it, and a disk may be full.
    private static bool IsHeld(IOException error) => error.HResult is unchecked((int)0x80070020) or 11 or 35;

    // On Unix a file can be opened by one process, deleted by its last holder, and only then be locked: a lock that nobody else meets. So it is given a length
    // by chance, and the file of that name must have it. (Its content cannot be read: that would wait for the lock.)
    private static bool IsAt(string path, FileStream stream)
    {
        var length = Random.Shared.Next(1, 1 << 20);
        stream.SetLength(length);
        var found = new FileInfo(path);
        return found.Exists && found.Length == length;
    }
}
