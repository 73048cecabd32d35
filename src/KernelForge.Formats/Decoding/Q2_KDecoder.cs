namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q2_K: for each 16 values a byte, the scale in its low nibble and the minimum in its high one; two bits a value, four runs of 32 in 32
/// bytes; f16 factors of the scales and of the minima; code * scale - minimum.
/// </summary>
public sealed class Q2_KDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q2_K;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 84;

    /// <inheritdoc/>
    public override int GroupValues => 16;

    /// <inheritdoc/>
    public override bool HasMinima => true;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 80) && HalvesFinite(bytes, 82);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var (scale, minimum) = (HalfAt(block, 80), HalfAt(block, 82));
        for (var group = 0; group < 16; group++)
        {
            scales[group] = scale * (block[group] & 15);
            minima[group] = -(minimum * (block[group] >> 4));
        }
        TwoBits.Read(block.Slice(16, 64), codes, offset: 0);
    }
}
