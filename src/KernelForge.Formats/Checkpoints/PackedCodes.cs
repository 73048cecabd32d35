using System.Runtime.InteropServices;

namespace KernelForge.Formats.Checkpoints;

/// <summary>Codes along a row, packed into words from the lowest bits on.</summary>
internal static class PackedCodes
{
    /// <summary>Reads codes from a word on, less an offset.</summary>
    public static void Read(StoredTensor words, long firstWord, int bits, int offset, Span<short> codes)
    {
        var perWord = 32 / bits;
        var mask = (1u << bits) - 1;
        var source = MemoryMarshal.Cast<byte, uint>(words.Bytes(firstWord * sizeof(uint), (codes.Length + perWord - 1) / perWord * sizeof(uint)));
        for (var i = 0; i < codes.Length; i++)
            codes[i] = (short)((int)(source[i / perWord] >> (i % perWord * bits) & mask) - offset);
    }
}
