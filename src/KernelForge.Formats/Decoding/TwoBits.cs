namespace KernelForge.Formats.Decoding;

/// <summary>Two-bit codes as the types of 256 values lay them out: 32 bytes hold four runs of 32, the first run in their lowest bits.</summary>
internal static class TwoBits
{
    /// <summary>Reads 256 codes out of 64 bytes, less an offset.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, Span<sbyte> codes, int offset)
    {
        for (var run = 0; run < 8; run++)
        {
            var source = bytes.Slice(run / 4 * 32, 32);
            var target = codes.Slice(run * 32, 32);
            for (var i = 0; i < 32; i++)
                target[i] = (sbyte)((source[i] >> (run % 4 * 2) & 3) - offset);
        }
    }
}
