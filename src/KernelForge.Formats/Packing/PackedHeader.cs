using System.Buffers.Binary;
using KernelForge.Formats.IO;
using KernelForge.Packed;

namespace KernelForge.Formats.Packing;

/// <summary>Reads and checks the header of a packed file, alone or appended to an executable.</summary>
internal sealed class PackedHeader
{
    private PackedHeader(long start, long length, byte[] planHash, List<PackedSection> sections, List<ulong> checksums)
    {
        Start = start;
        Length = length;
        PlanHash = planHash;
        Sections = sections;
        Checksums = checksums;
    }

    /// <summary>Where the packed file begins in its host.</summary>
    public long Start { get; }

    /// <summary>Bytes of the packed file.</summary>
    public long Length { get; }

    /// <summary>Hash of its plan.</summary>
    public byte[] PlanHash { get; }

    /// <summary>Its sections.</summary>
    public IReadOnlyList<PackedSection> Sections { get; }

    /// <summary>The checksum of each section.</summary>
    public IReadOnlyList<ulong> Checksums { get; }

    /// <summary>Whether a file is a packed file with an intact header, complete, of this plan.</summary>
    public static bool IsOf(string path, ReadOnlySpan<byte> planHash)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            return false;
        try
        {
            using var file = MappedFile.Open(path);
            return Read(file).PlanHash.AsSpan().SequenceEqual(planHash);
        }
        catch (PackedFileException)
        {
            return false;
        }
    }

    /// <summary>Reads the headers of all packed files of a file: its own, or those that it carries as an executable. At least one.</summary>
    /// <exception cref="PackedFileException">What is wrong.</exception>
    public static IReadOnlyList<PackedHeader> ReadAll(MappedFile file) =>
        PackedTrailer.FindAll(file) is { Count: > 0 } appended ? [.. appended.Select(packed => Read(file, packed.Offset, packed.Length))] : [Read(file)];

    /// <summary>Reads the header of a packed file that stands alone.</summary>
    /// <exception cref="PackedFileException">What is wrong.</exception>
    public static PackedHeader Read(MappedFile file) => Read(file, 0, file.Length);

    private static PackedHeader Read(MappedFile file, long start, long length)
    {
        if (length < PackedFormat.HeaderBytes)
            throw Error(file, start, "The file is too short for a packed file");
        var fixedPart = file.Span(start, PackedFormat.FixedBytes);
        if (!fixedPart.StartsWith(PackedFormat.Magic))
            throw Error(file, start, "This is no packed file: it does not begin with 'KFORGEW1'");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[8..]);
        if (version != PackedFormat.Version)
            throw Error(file, start + 8, $"The packed file has version {version}, this program reads version {PackedFormat.Version}");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[12..]);
        if (count is 0 or > PackedFormat.MostEntries)
            throw Error(file, start + 12, $"The directory claims {count:N0} entries");
        var directory = file.Span(start + PackedFormat.FixedBytes, (int)count * PackedFormat.EntryBytes);

        var checksum = new XxHash3();
        checksum.Append(fixedPart[..PackedFormat.ChecksumOffset]);
        checksum.Append(directory);
        if (checksum.Finish() != BinaryPrimitives.ReadUInt64LittleEndian(fixedPart[PackedFormat.ChecksumOffset..]))
            throw Error(file, start, "The header does not match its checksum");
        var claimed = BinaryPrimitives.ReadInt64LittleEndian(fixedPart[16..]);
        if (claimed != length)
            throw Error(file, start + 16, $"The packed file should have {claimed:N0} bytes and has {length:N0}");
        return ReadDirectory(file, start, length, fixedPart.Slice(24, 32).ToArray(), directory);
    }

    private static PackedHeader ReadDirectory(MappedFile file, long start, long length, byte[] planHash, ReadOnlySpan<byte> directory)
    {
        var sections = new List<PackedSection>();
        var checksums = new List<ulong>();
        for (var entry = directory; !entry.IsEmpty; entry = entry[PackedFormat.EntryBytes..])
        {
            var section = new PackedSection(
                PackedFormat.Name(entry[..PackedFormat.NameBytes]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[32..]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[40..]));
            if (section.Offset < PackedFormat.HeaderBytes || section.Offset % PackedFormat.PageBytes != 0
                || section.Length < 0 || section.Offset > length || section.Length > length - section.Offset)
                throw Error(file, start, $"Section '{section.Name}' does not lie in the file");
            sections.Add(section);
            checksums.Add(BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]));
        }
        return new PackedHeader(start, length, planHash, sections, checksums);
    }

    private static PackedFileException Error(MappedFile file, long offset, string problem) =>
        new($"{file.Path}: {problem} (offset {offset:N0}). Build the project again to pack the weights anew.", file.Path, offset);
}
