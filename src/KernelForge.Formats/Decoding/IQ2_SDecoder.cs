using KernelForge.Formats.Decoding.Codebooks;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ2_S: an f16 factor; for each 8 values the low byte of a point of the codebook, then a byte of signs, then two high bits of the point; four bits of
/// a scale for each 16 values; point * factor * (scale + 1/2) / 4.
/// </summary>
public sealed class IQ2_SDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ2_S;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 82;

    /// <inheritdoc/>
    public override int GroupValues => 16;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = HalfAt(block, 0);
        for (var group = 0; group < 16; group++)
            scales[group] = factor * (0.5f + NibbleAt(block.Slice(74, 8), group)) * 0.25f;
        for (var i = 0; i < 32; i++)
        {
            var point = block[2 + i] | (block[66 + (i / 4)] >> (i % 4 * 2) & 3) << 8;
            IQ2_SGrid.Book.Write(point, block[34 + i], codes.Slice(i * 8, 8));
        }
    }
}
