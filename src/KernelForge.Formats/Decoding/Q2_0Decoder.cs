namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q2_0: an f16 scale, then two bits a value, lowest first; (code - 1) * scale.
/// </summary>
public sealed class Q2_0Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q2_0;

    /// <inheritdoc/>
    public override int BlockValues => 64;

    /// <inheritdoc/>
    public override int BlockBytes => 18;

    /// <inheritdoc/>
    public override int GroupValues => 64;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = HalfAt(block, 0);
        for (var i = 0; i < 64; i++)
            codes[i] = (sbyte)((block[2 + (i / 4)] >> (i % 4 * 2) & 3) - 1);
    }
}
