using System.Text;

namespace KernelForge.Packed;

/// <summary>Numbers and names of docs/packed-format.md.</summary>
internal static class PackedFormat
{
    public const uint Version = 1;
    public const int PageBytes = 4096;
    public const int HeaderBytes = PageBytes;
    public const int FixedBytes = 64;

    /// <summary>Where the header's checksum is: it covers what is before it, and the directory.</summary>
    public const int ChecksumOffset = 56;
    public const int EntryBytes = 64;
    public const int NameBytes = 32;
    public const int MostEntries = 60;
    public const int TrailerBytes = 32;

    public static ReadOnlySpan<byte> Magic => "KFORGEW1"u8;

    public static ReadOnlySpan<byte> TrailerMagic => "KFWTRAIL"u8;

    public static string Name(ReadOnlySpan<byte> padded) => Encoding.UTF8.GetString(padded.TrimEnd((byte)0));
}
