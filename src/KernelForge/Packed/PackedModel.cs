using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace KernelForge.Packed;

/// <summary>
/// A mapped packed file (docs/packed-format.md). Header and directory are checked when it is opened; everything else is used where it
/// lies, page by page as it is touched, unless the file is read whole. Pointers are valid until <see cref="Dispose"/>.
/// </summary>
public sealed unsafe class PackedModel : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private readonly SafeFileHandle _handle;
    private void* _memory;
    private readonly long _fileLength;
    private readonly DateTime _written;
    private bool _disposed;

    private PackedModel(PackedLocation location, ReadOnlySpan<byte> planHash, bool inMemory, bool verify)
    {
        FilePath = location.FilePath;
        Offset = location.Offset;
        try
        {
            _handle = File.OpenHandle(FilePath);
            _fileLength = RandomAccess.GetLength(_handle);
            _written = File.GetLastWriteTimeUtc(_handle);
            Length = location.Length == 0 ? _fileLength - Offset : location.Length;
            if (Length < PackedFormat.HeaderBytes)
                throw Damaged($"is {Length} bytes long, shorter than a header", 0);
            if (inMemory)
            {
                _start = Read();
            }
            else
            {
                _file = MemoryMappedFile.CreateFromFile(_handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                _view = _file.CreateViewAccessor(Offset, Length, MemoryMappedFileAccess.Read);
                byte* pointer = null;
                _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
                _start = pointer + _view.PointerOffset;
            }
            CheckHeader(planHash);
            if (verify)
                PackedChecksums.Check(_start, Length, EntryCount, Damaged);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new PackedFileException($"The packed weights '{FilePath}' cannot be read: {exception.Message}", FilePath, inner: exception);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The mapped file.</summary>
    public string FilePath { get; }

    /// <summary>Offset of the packed file in <see cref="FilePath"/>: not 0 where it is appended to an executable.</summary>
    public long Offset { get; }

    /// <summary>Bytes of the packed file.</summary>
    public long Length { get; }

    private ReadOnlySpan<byte> Header => new(_start, PackedFormat.HeaderBytes);

    private int EntryCount => (int)BinaryPrimitives.ReadUInt32LittleEndian(Header[12..]);

    /// <summary>Finds, maps and checks the packed file of a class.</summary>
    /// <param name="className">Full name of the generated class.</param>
    /// <param name="planHash">SHA-256 of its plan, hexadecimal.</param>
    /// <param name="weightsPath">The file; null: appended to the executable or beside the assembly.</param>
    /// <param name="inMemory">Read it whole instead of mapping it.</param>
    /// <param name="verify">Compare every byte with the checksums.</param>
    /// <exception cref="PackedFileException">Missing, damaged, or of another plan.</exception>
    public static PackedModel Open(string className, string planHash, string? weightsPath = null, bool inMemory = false, bool verify = false)
    {
        var hash = Convert.FromHexString(planHash);
        return new PackedModel(PackedLocation.Find(className, hash, weightsPath), hash, inMemory, verify);
    }

    /// <summary>A section's bytes where they are mapped.</summary>
    /// <exception cref="PackedFileException">There is no such section.</exception>
    public byte* Section(string name, out long length) =>
        TrySection(name, out length) is var section and not null
            ? section
            : throw Damaged($"has no section '{name}'", PackedFormat.FixedBytes);

    /// <summary>A section's bytes where they are mapped, or null.</summary>
    public byte* TrySection(string name, out long length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Span<byte> wanted = stackalloc byte[PackedFormat.NameBytes];
        wanted.Clear();
        Encoding.UTF8.GetBytes(name, wanted);
        for (var i = 0; i < EntryCount; i++)
        {
            var entry = Header.Slice(PackedFormat.FixedBytes + (i * PackedFormat.EntryBytes), PackedFormat.EntryBytes);
            if (!entry[..PackedFormat.NameBytes].SequenceEqual(wanted))
                continue;
            length = BinaryPrimitives.ReadInt64LittleEndian(entry[40..]);
            return _start + BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
        }
        length = 0;
        return null;
    }

    /// <summary>
    /// Whether the file is still the one that was opened: what shortens it would end the process at the next touch of a missing page, and what writes into it would
    /// change the weights under way. A file put in its place by rename is another file and does no harm.
    /// </summary>
    /// <exception cref="PackedFileException">The file was shortened, extended or written to.</exception>
    internal void CheckUnchanged()
    {
        if (_memory is not null)
            return;
        var length = RandomAccess.GetLength(_handle);
        if (length == _fileLength && File.GetLastWriteTimeUtc(_handle) == _written)
            return;
        throw new PackedFileException(
            $"The packed file '{FilePath}' changed while it was in use: it had {_fileLength:N0} bytes and has {length:N0}, or was written to. Load the model again; replace such a file by renaming another over it.",
            FilePath);
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_view is not null && _start is not null)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
        _handle?.Dispose();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    /// <summary>Reads the file, aligned as it would be mapped.</summary>
    private byte* Read()
    {
        const int piece = 1 << 26;
        _memory = NativeMemory.AlignedAlloc((nuint)Length, PackedFormat.HeaderBytes);
        for (var done = 0L; done < Length;)
        {
            var read = RandomAccess.Read(_handle, new Span<byte>((byte*)_memory + done, (int)Math.Min(piece, Length - done)), Offset + done);
            if (read == 0)
                throw Damaged($"ended after {done} of {Length} bytes while it was read", done);
            done += read;
        }
        return (byte*)_memory;
    }

    private void CheckHeader(ReadOnlySpan<byte> planHash)
    {
        if (!Header.StartsWith(PackedFormat.Magic))
            throw Damaged("does not begin with KFORGEW1, so it is no packed file", 0);
        var version = BinaryPrimitives.ReadUInt32LittleEndian(Header[8..]);
        if (version != PackedFormat.Version)
            throw Damaged($"has format version {version}, this program reads version {PackedFormat.Version}", 8);
        var entries = BinaryPrimitives.ReadUInt32LittleEndian(Header[12..]);
        if (entries is 0 or > PackedFormat.MostEntries)
            throw Damaged($"names {entries} sections, 1 to {PackedFormat.MostEntries} are possible", 12);

        var hash = new XxHash3();
        hash.Append(Header[..PackedFormat.ChecksumOffset]);
        hash.Append(Header.Slice(PackedFormat.FixedBytes, (int)entries * PackedFormat.EntryBytes));
        if (hash.Finish() != BinaryPrimitives.ReadUInt64LittleEndian(Header[PackedFormat.ChecksumOffset..]))
            throw Damaged("has a damaged header: its checksum differs", PackedFormat.ChecksumOffset);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(Header[16..]);
        if (length != (ulong)Length)
            throw Damaged($"is {Length} bytes long, its header says {length}: it was cut or extended", 16);
        if (!Header.Slice(24, 32).SequenceEqual(planHash))
        {
            throw new PackedFileException(
                $"The packed weights '{FilePath}' belong to another plan ({Convert.ToHexStringLower(Header.Slice(24, 8))}..., this program has "
                + $"{Convert.ToHexStringLower(planHash[..8])}...). Build the project again so that both come from one build.", FilePath, Offset + 24);
        }
        for (var i = 0; i < (int)entries; i++)
            CheckEntry(PackedFormat.FixedBytes + (i * PackedFormat.EntryBytes));
    }

    private void CheckEntry(int at)
    {
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(Header[(at + 32)..]);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(Header[(at + 40)..]);
        if (offset % PackedFormat.HeaderBytes != 0 || offset < PackedFormat.HeaderBytes || offset > (ulong)Length || length > (ulong)Length - offset)
            throw Damaged($"has a section at {offset} of {length} bytes, which lies outside the file", at + 32);
    }

    private PackedFileException Damaged(string what, long at) =>
        new($"The packed file '{FilePath}' {what} (offset {Offset + at}). Build or publish the program again.", FilePath, Offset + at);
}
