namespace KernelForge.Formats.Decoding;

/// <summary>The sixteen values that a code of IQ4_NL and IQ4_XS stands for.</summary>
internal static class IQ4Values
{
    /// <summary>By code.</summary>
    public static ReadOnlySpan<sbyte> Table => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>Reads 32 codes: the first 16 in the low nibbles of 16 bytes.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, Span<sbyte> codes)
    {
        for (var i = 0; i < 16; i++)
        {
            codes[i] = Table[bytes[i] & 15];
            codes[i + 16] = Table[bytes[i] >> 4];
        }
    }
}
