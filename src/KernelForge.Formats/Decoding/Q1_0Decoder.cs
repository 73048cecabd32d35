namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q1_0: an f16 scale, then a bit a value, lowest first: set for the scale, clear for its negative.
/// </summary>
public sealed class Q1_0Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q1_0;

    /// <inheritdoc/>
    public override int BlockValues => 128;

    /// <inheritdoc/>
    public override int BlockBytes => 18;

    /// <inheritdoc/>
    public override int GroupValues => 128;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = HalfAt(block, 0);
        for (var i = 0; i < 128; i++)
            codes[i] = (sbyte)((block[2 + (i / 8)] >> (i % 8) & 1) * 2 - 1);
    }
}
