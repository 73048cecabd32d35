using System.Buffers.Binary;

namespace KernelForge.Packed;

/// <summary>Compares every byte of a packed file, whose header and directory are sound, with its checksums; what lies between sections is zero.</summary>
internal static unsafe class PackedChecksums
{
    private const int Piece = 1 << 22;

    /// <summary>Checks a packed file.</summary>
    /// <param name="start">Its first byte.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="entries">Sections in its directory.</param>
    /// <param name="error">Makes the error out of what is wrong and where.</param>
    /// <exception cref="PackedFileException">A byte was altered.</exception>
    public static void Check(byte* start, long length, int entries, Func<string, long, PackedFileException> error)
    {
        var end = (long)PackedFormat.FixedBytes + (entries * PackedFormat.EntryBytes);
        var sections = new List<(long Offset, long Length, int Entry)>();
        for (var entry = PackedFormat.FixedBytes; entry < end; entry += PackedFormat.EntryBytes)
        {
            var at = new ReadOnlySpan<byte>(start + entry, PackedFormat.EntryBytes);
            sections.Add((BinaryPrimitives.ReadInt64LittleEndian(at[32..]), BinaryPrimitives.ReadInt64LittleEndian(at[40..]), entry));
        }
        foreach (var section in sections.OrderBy(section => section.Offset))
        {
            var entry = new ReadOnlySpan<byte>(start + section.Entry, PackedFormat.EntryBytes);
            CheckZero(start, end, section.Offset, error);
            if (Checksum(start + section.Offset, section.Length) != BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]))
                throw error($"is damaged: section '{PackedFormat.Name(entry[..PackedFormat.NameBytes])}' does not match its checksum", section.Offset);
            end = section.Offset + section.Length;
        }
        CheckZero(start, end, length, error);
    }

    private static ulong Checksum(byte* bytes, long length)
    {
        var checksum = new XxHash3();
        for (var done = 0L; done < length; done += Piece)
            checksum.Append(new ReadOnlySpan<byte>(bytes + done, (int)Math.Min(Piece, length - done)));
        return checksum.Finish();
    }

    // The header fills a page, and sections begin on one: there is never more than that between them.
    private static void CheckZero(byte* start, long from, long to, Func<string, long, PackedFileException> error)
    {
        if (to - from is < 0 or > 2 * PackedFormat.PageBytes || new ReadOnlySpan<byte>(start + from, (int)(to - from)).ContainsAnyExcept((byte)0))
            throw error("is damaged: bytes between two sections are not zero", from);
    }
}
