using KernelForge.Formats.Decoding.Codebooks;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ3_S: an f16 factor; for each 4 values the low byte of a point of the codebook, then its high bit; a sign a value; four bits of a scale for each
/// 32 values; point * factor * (2 * scale + 1).
/// </summary>
public sealed class IQ3_SDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ3_S;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 110;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = HalfAt(block, 0);
        for (var group = 0; group < 8; group++)
            scales[group] = factor * (1 + (2 * NibbleAt(block.Slice(106, 4), group)));
        for (var i = 0; i < 64; i++)
        {
            var point = block[2 + i] | (block[66 + (i / 8)] >> (i % 8) & 1) << 8;
            IQ3_SGrid.Book.Write(point, block[74 + (i / 2)] >> (i % 2 * 4), codes.Slice(i * 4, 4));
        }
    }
}
