using System.Buffers.Binary;
using KernelForge.Formats.IO;
using KernelForge.Packed;

namespace KernelForge.Formats.Packing;

/// <summary>The 32 bytes after each packed file that an executable carries; the last ones of the executable are such.</summary>
internal static class PackedTrailer
{
    /// <summary>Where the packed files lie in their host, first to last; empty when the host carries none.</summary>
    /// <exception cref="PackedFileException">There is a trailer, and it does not fit the file.</exception>
    public static IReadOnlyList<(long Offset, long Length)> FindAll(MappedFile file)
    {
        var found = new List<(long Offset, long Length)>();
        for (var end = file.Length; Find(file, end) is { } packed; end = EndOfTrailerBefore(file, packed.Offset))
            found.Add(packed);
        found.Reverse();
        return found;
    }

    /// <summary>Bytes of a host without all that was appended to it; padding before the first packed file, less than a page, stays.</summary>
    /// <exception cref="PackedFileException">There is a trailer, and it does not fit the file.</exception>
    public static long HostBytes(MappedFile file) => FindAll(file) is [var first, ..] ? first.Offset : file.Length;

    // Another packed file ends with its trailer, then zeros up to the page boundary.
    private static long EndOfTrailerBefore(MappedFile file, long offset)
    {
        var length = (int)Math.Min(PackedFormat.PageBytes + PackedFormat.TrailerBytes, offset);
        var before = file.Span(offset - length, length);
        var last = before.LastIndexOf(PackedFormat.TrailerMagic);
        var end = last + PackedFormat.TrailerBytes;
        return last < 0 || end > length || before[end..].ContainsAnyExcept((byte)0) ? 0 : offset - length + end;
    }

    private static (long Offset, long Length)? Find(MappedFile file, long end)
    {
        if (end < PackedFormat.TrailerBytes)
            return null;
        var trailer = file.Span(end - PackedFormat.TrailerBytes, PackedFormat.TrailerBytes);
        if (!trailer.StartsWith(PackedFormat.TrailerMagic))
            return null;
        var offset = BinaryPrimitives.ReadInt64LittleEndian(trailer[8..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(trailer[16..]);
        if (offset < 0 || offset % PackedFormat.PageBytes != 0 || length < 0 || offset > end || length != end - PackedFormat.TrailerBytes - offset)
            throw new PackedFileException(
                $"{file.Path}: the trailer places the weights at {offset:N0} with {length:N0} bytes, and the file has {file.Length:N0}. Publish again.",
                file.Path, end - PackedFormat.TrailerBytes);
        return (offset, length);
    }

    /// <summary>Makes a trailer.</summary>
    public static byte[] Create(long offset, long length, ReadOnlySpan<byte> planHash)
    {
        var trailer = new byte[PackedFormat.TrailerBytes];
        PackedFormat.TrailerMagic.CopyTo(trailer);
        BinaryPrimitives.WriteInt64LittleEndian(trailer.AsSpan(8), offset);
        BinaryPrimitives.WriteInt64LittleEndian(trailer.AsSpan(16), length);
        planHash[..8].CopyTo(trailer.AsSpan(24));
        return trailer;
    }
}
