using System.IO.MemoryMappedFiles;

namespace KernelForge.Formats.IO;

/// <summary>A file mapped read-only. Every access through <see cref="Span"/> is checked against its length.</summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _pointer;

    private MappedFile(string path, long length, MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        Path = path;
        Length = length;
        _file = file;
        _view = view;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _pointer);
        _pointer += view.PointerOffset;
    }

    /// <summary>Path it was opened by.</summary>
    public string Path { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>First byte; valid until disposal.</summary>
    public byte* Pointer => _pointer is not null ? _pointer : throw new ObjectDisposedException(nameof(MappedFile));

    /// <summary>Maps a file.</summary>
    /// <exception cref="ModelFormatException">The file is missing, unreadable or empty.</exception>
    public static MappedFile Open(string path) => Open(path, path);

    /// <summary>Maps the file at <paramref name="realPath"/>, which people know as <paramref name="path"/>.</summary>
    /// <exception cref="ModelFormatException">The file is missing, unreadable or empty.</exception>
    internal static MappedFile Open(string path, string realPath)
    {
        if (Directory.Exists(realPath))
            throw new ModelFormatException(path, "this is a folder, not a file", remedy: "Name the file in it.");
        MemoryMappedFile? file = null;
        try
        {
            // Asked before it is opened: a pipe or a device has no length either, and opening it could wait for ever.
            if (new FileInfo(realPath).Length == 0)
                throw new ModelFormatException(path, "the file is empty", offset: 0);
            using var stream = new FileStream(realPath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
            var length = stream.Length;
            file = MemoryMappedFile.CreateFromFile(stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return new MappedFile(path, length, file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            file?.Dispose();
            if (error is FileNotFoundException or DirectoryNotFoundException)
                throw new ModelFormatException(path, "no such file", remedy: "Check the path.", inner: error);
            throw new ModelFormatException(path, $"the file cannot be read: {error.Message.TrimEnd('.')}", remedy: "Check the path and its permissions.", inner: error);
        }
    }

    /// <summary>Bytes from <paramref name="offset"/> on.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        if (offset < 0 || length < 0 || length > Length - offset)
            throw new ModelFormatException(Path, $"{length:N0} bytes are needed and the file ends at {Length:N0}", offset: offset);
        return new ReadOnlySpan<byte>(Pointer + offset, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pointer is null)
            return;
        _pointer = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
