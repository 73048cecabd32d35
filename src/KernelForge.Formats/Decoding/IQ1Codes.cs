using KernelForge.Formats.Decoding.Codebooks;

namespace KernelForge.Formats.Decoding;

/// <summary>The values of IQ1_S and IQ1_M: a point's digits plus or minus 1/8, here in eighths.</summary>
internal static class IQ1Codes
{
    /// <summary>Writes eight values in eighths.</summary>
    public static void Write(int point, bool below, Span<sbyte> codes)
    {
        var digits = IQ1Grid.Book[point];
        for (var i = 0; i < 8; i++)
            codes[i] = (sbyte)((8 * digits[i]) + (below ? -1 : 1));
    }
}
