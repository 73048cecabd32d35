using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ1_S: an f16 factor; the low byte of a point of the codebook for each 8 values; for each 32 values 16 bits: four times three high bits of a point, a scale
/// of three bits, and whether 1/8 is taken away or added; (point +- 1/8) * factor * (2 * scale + 1).
/// </summary>
public sealed class IQ1_SDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ1_S;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 50;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = HalfAt(block, 0) / 8;
        for (var group = 0; group < 8; group++)
        {
            var bits = BinaryPrimitives.ReadUInt16LittleEndian(block[(34 + (group * 2))..]);
            scales[group] = factor * ((2 * (bits >> 12 & 7)) + 1);
            for (var i = 0; i < 4; i++)
                IQ1Codes.Write(block[2 + (group * 4) + i] | (bits >> (i * 3) & 7) << 8, (bits & 0x8000) != 0, codes.Slice((group * 32) + (i * 8), 8));
        }
    }
}
