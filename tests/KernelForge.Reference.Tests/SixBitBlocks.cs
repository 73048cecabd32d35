using System.Buffers.Binary;

namespace KernelForge.Reference.Tests;

/// <summary>ggml's Q6_K: 256 values in 210 bytes: 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales, an f16 scale of the scales.</summary>
internal static class SixBitBlocks
{
    public static float[] Decode(ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length / 210 * 256];
        for (var block = 0; block < bytes.Length / 210; block++)
        {
            var source = bytes.Slice(block * 210, 210);
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(source[208..]);
            for (var i = 0; i < 256; i++)
            {
                // Each half of 128 values: low nibbles first those of values 0..63, then 64..127; a pair of high bits for each of four quarters.
                var (half, inHalf) = (i / 128, i % 128);
                var low = source[(half * 64) + (inHalf % 64)] >> (inHalf / 64 * 4) & 15;
                var high = source[128 + (half * 32) + (inHalf % 32)] >> (inHalf / 32 * 2) & 3;
                values[(block * 256) + i] = scale * (sbyte)source[192 + (i / 16)] * ((low | high << 4) - 32);
            }
        }

        return values;
    }
}
