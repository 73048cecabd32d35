using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ4_XS: an f16 factor; scales of six bits less 32 for eight groups of 32, their high two bits in 16 bits, their low four in 4 bytes; then 16
/// bytes a group as in IQ4_NL; table[code] * scale * factor.
/// </summary>
public sealed class IQ4_XSDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ4_XS;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 136;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = HalfAt(block, 0);
        var high = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
        for (var group = 0; group < 8; group++)
        {
            scales[group] = factor * ((NibbleAt(block.Slice(4, 4), group) | (high >> (group * 2) & 3) << 4) - 32);
            IQ4Values.Read(block.Slice(8 + (group * 16), 16), codes.Slice(group * 32, 32));
        }
    }
}
