using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ1_M: the low byte of a point of the codebook for each 8 values; for each 8 values four bits: three high bits of the point, and whether 1/8 is taken away
/// or added; four times 16 bits: four scales of three bits, each for 16 values, and a quarter of an f16 factor;
/// (point +- 1/8) * factor * (2 * scale + 1).
/// </summary>
public sealed class IQ1_MDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ1_M;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 56;

    /// <inheritdoc/>
    public override int GroupValues => 16;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => Factors(bytes);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = (float)BitConverter.UInt16BitsToHalf(Factor(block)) / 8;
        for (var group = 0; group < 16; group++)
            scales[group] = factor * ((2 * (Quarter(block, group / 4) >> (group % 4 * 3) & 7)) + 1);
        for (var i = 0; i < 32; i++)
        {
            var high = NibbleAt(block.Slice(32, 16), i);
            IQ1Codes.Write(block[i] | (high & 7) << 8, (high & 8) != 0, codes.Slice(i * 8, 8));
        }
    }

    private static ushort Quarter(ReadOnlySpan<byte> block, int index) => BinaryPrimitives.ReadUInt16LittleEndian(block[(48 + (index * 2))..]);

    private static ushort Factor(ReadOnlySpan<byte> block)
    {
        var factor = 0;
        for (var i = 0; i < 4; i++)
            factor |= Quarter(block, i) >> 12 << (i * 4);
        return (ushort)factor;
    }

    private static bool Factors(ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[56..])
        {
            if (!Half.IsFinite(BitConverter.UInt16BitsToHalf(Factor(bytes))))
                return false;
        }
        return true;
    }
}
