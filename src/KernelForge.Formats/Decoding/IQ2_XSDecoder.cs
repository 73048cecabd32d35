using System.Buffers.Binary;
using KernelForge.Formats.Decoding.Codebooks;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ2_XS: an f16 factor; for each 8 values 16 bits, nine of a point of the codebook and seven signs; four bits of a scale for each 16 values;
/// point * factor * (scale + 1/2) / 4.
/// </summary>
public sealed class IQ2_XSDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ2_XS;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 74;

    /// <inheritdoc/>
    public override int GroupValues => 16;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = HalfAt(block, 0);
        for (var group = 0; group < 16; group++)
            scales[group] = factor * (0.5f + NibbleAt(block.Slice(66, 8), group)) * 0.25f;
        for (var i = 0; i < 32; i++)
        {
            var point = BinaryPrimitives.ReadUInt16LittleEndian(block[(2 + (i * 2))..]);
            IQ2_XSGrid.Book.Write(point & 511, Codebook.EvenSigns((uint)point >> 9), codes.Slice(i * 8, 8));
        }
    }
}
