using System.Buffers.Binary;
using System.Text;
using KernelForge.Packed;

namespace KernelForge.Formats.Packing;

/// <summary>Writes a packed file front to back: sections with their checksums, then, last, the header that makes it valid.</summary>
internal sealed class PackedFileWriter(Stream stream)
{
    private static readonly byte[] Zeros = new byte[1 << 16];
    private readonly List<(string Name, long Offset, long Length, ulong Checksum)> _sections = [];
    private XxHash3 _checksum = new();
    private long _start;

    /// <summary>Bytes of the current section so far.</summary>
    public long SectionLength { get; private set; }

    /// <summary>Starts a section at the next page.</summary>
    public void Begin()
    {
        if (_sections.Count == 0)
            stream.Write(Zeros, 0, PackedFormat.HeaderBytes);
        AlignToPage();
        _start = stream.Position;
        _checksum = new XxHash3();
        SectionLength = 0;
    }

    /// <summary>Adds bytes to the section.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _checksum.Append(bytes);
        SectionLength += bytes.Length;
    }

    /// <summary>Fills the section with zeros up to a length.</summary>
    public void PadTo(long sectionLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sectionLength, SectionLength);
        while (SectionLength < sectionLength)
            Write(Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, sectionLength - SectionLength)));
    }

    /// <summary>Ends the section.</summary>
    public void End(string name) => _sections.Add((name, _start, SectionLength, _checksum.Finish()));

    /// <summary>Writes the header; the file is complete.</summary>
    public void Finish(ReadOnlySpan<byte> planHash)
    {
        AlignToPage();
        var header = new byte[PackedFormat.FixedBytes + (_sections.Count * PackedFormat.EntryBytes)];
        PackedFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), PackedFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), (uint)_sections.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), stream.Position);
        planHash.CopyTo(header.AsSpan(24));
        for (var i = 0; i < _sections.Count; i++)
            WriteEntry(header.AsSpan(PackedFormat.FixedBytes + (i * PackedFormat.EntryBytes), PackedFormat.EntryBytes), _sections[i]);

        var checksum = new XxHash3();
        checksum.Append(header.AsSpan(0, PackedFormat.ChecksumOffset));
        checksum.Append(header.AsSpan(PackedFormat.FixedBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(PackedFormat.ChecksumOffset), checksum.Finish());
        stream.Position = 0;
        stream.Write(header);
    }

    private static void WriteEntry(Span<byte> entry, (string Name, long Offset, long Length, ulong Checksum) section)
    {
        var name = Encoding.UTF8.GetBytes(section.Name);
        if (name.Length > PackedFormat.NameBytes)
            throw new InvalidOperationException($"The section name '{section.Name}' is too long.");
        name.CopyTo(entry);
        BinaryPrimitives.WriteInt64LittleEndian(entry[32..], section.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(entry[40..], section.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[48..], section.Checksum);
    }

    private void AlignToPage()
    {
        var padding = (int)(-stream.Position & (PackedFormat.PageBytes - 1));
        stream.Write(Zeros, 0, padding);
    }
}
