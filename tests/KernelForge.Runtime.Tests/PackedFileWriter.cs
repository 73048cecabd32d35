using System.Buffers.Binary;
using System.Text;
using KernelForge.Packed;

namespace KernelForge.Runtime.Tests;

/// <summary>Writes small packed files after docs/packed-format.md, apart from the packer, so that the reader has a second opinion.</summary>
internal static class PackedFileWriter
{
    public const string PlanHash = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";

    /// <summary>A model of one small head, as generated code would describe it.</summary>
    public static ModelDescription Describe(string name, int vocabulary, int context, string planHash = PlanHash) => new()
    {
        ClassName = name,
        PlanHash = planHash,
        Vocabulary = vocabulary,
        Width = 32,
        Context = context,
        PageBytes = [.. Enum.GetValues<KeyValueFormat>().Select(format => (long)CachePages.UnitBytes(32, format))],
        DefaultCache = KeyValueFormat.F16,
        WorkspaceBytesPerToken = 64,
        ScratchBytes = 100,
        WeightBytes = 64,
        BytesPerToken = 64,
        RotaryPairs = [],
    };

    public static byte[] Build(string planHash = PlanHash, params (string Name, byte[] Bytes)[] sections)
    {
        var length = 4096 + sections.Sum(section => Pad(section.Bytes.Length));
        var file = new byte[length];
        "KFORGEW1"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), (uint)sections.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), (ulong)length);
        Convert.FromHexString(planHash).CopyTo(file, 24);
        var at = 4096;
        for (var i = 0; i < sections.Length; i++)
        {
            var (name, bytes) = sections[i];
            var entry = file.AsSpan(64 + (i * 64), 64);
            Encoding.UTF8.GetBytes(name, entry);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], (ulong)at);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], (ulong)bytes.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[48..], XxHash3.Compute(bytes));
            bytes.CopyTo(file, at);
            at += Pad(bytes.Length);
        }
        Seal(file);
        return file;
    }

    /// <summary>Makes the checksum of the header right again.</summary>
    public static void Seal(byte[] file)
    {
        var entries = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12));
        var hash = new XxHash3();
        hash.Append(file.AsSpan(0, 56));
        hash.Append(file.AsSpan(64, entries * 64));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(56), hash.Finish());
    }

    /// <summary>Appends a packed file to a host, with its trailer.</summary>
    public static byte[] Append(byte[] host, byte[] packed)
    {
        var at = Pad(host.Length);
        var result = new byte[at + packed.Length + 32];
        host.CopyTo(result, 0);
        packed.CopyTo(result, at);
        var trailer = result.AsSpan(at + packed.Length);
        "KFWTRAIL"u8.CopyTo(trailer);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[8..], (ulong)at);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[16..], (ulong)packed.Length);
        packed.AsSpan(24, 8).CopyTo(trailer[24..]);
        return result;
    }

    private static int Pad(int bytes) => (bytes + 4095) / 4096 * 4096;
}
