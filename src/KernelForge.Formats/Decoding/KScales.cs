using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// What a block of Q4_K or Q5_K begins with: f16 factors of the scales and of the minima, then 12 bytes with a scale and a minimum of six bits
/// for each of eight groups. Those of groups 0 to 3 are the low six bits of bytes 0 to 3 and 4 to 7; of groups 4 to 7 the low four bits are in the
/// nibbles of bytes 8 to 11 (scales low, minima high) and the high two bits lie above the earlier groups' six.
/// </summary>
internal static class KScales
{
    /// <summary>Bytes of factors, scales and minima.</summary>
    public const int Bytes = 16;

    /// <summary>Reads scales and (negated) minima, each multiplied with its factor.</summary>
    public static void Read(ReadOnlySpan<byte> block, Span<float> scales, Span<float> minima)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        var minimum = (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
        var packed = block.Slice(4, 12);
        for (var i = 0; i < 4; i++)
        {
            scales[i] = scale * (packed[i] & 63);
            minima[i] = -(minimum * (packed[i + 4] & 63));
            scales[i + 4] = scale * ((packed[i + 8] & 15) | packed[i] >> 6 << 4);
            minima[i + 4] = -(minimum * (packed[i + 8] >> 4 | packed[i + 4] >> 6 << 4));
        }
    }
}
