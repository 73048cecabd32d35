using System.Buffers.Binary;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Packing;

/// <summary>The last 32 bytes of an executable that carries a packed file.</summary>
internal static class PackedTrailer
{
    /// <summary>Where the packed file lies in its host, or null when the host carries none.</summary>
    /// <exception cref="PackedFileException">There is a trailer, and it does not fit the file.</exception>
    public static (long Offset, long Length)? Find(MappedFile file)
    {
        if (file.Length < PackedFormat.TrailerBytes)
            return null;
        var trailer = file.Span(file.Length - PackedFormat.TrailerBytes, PackedFormat.TrailerBytes);
        if (!trailer.StartsWith(PackedFormat.TrailerMagic))
            return null;
        var offset = BinaryPrimitives.ReadInt64LittleEndian(trailer[8..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(trailer[16..]);
        if (offset < 0 || offset % PackedFormat.PageBytes != 0 || length < 0 || offset > file.Length || length != file.Length - PackedFormat.TrailerBytes - offset)
            throw new PackedFileException(
                $"{file.Path}: the trailer places the weights at {offset:N0} with {length:N0} bytes, and the file has {file.Length:N0}. Publish again.",
                file.Path, file.Length - PackedFormat.TrailerBytes);
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
