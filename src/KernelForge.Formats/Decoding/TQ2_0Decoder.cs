namespace KernelForge.Formats.Decoding;

/// <summary>
/// TQ2_0: two bits a value, four runs of 32 in 32 bytes, then an f16 scale; (code - 1) * scale.
/// </summary>
public sealed class TQ2_0Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.TQ2_0;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 66;

    /// <inheritdoc/>
    public override int GroupValues => 256;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 64);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = HalfAt(block, 64);
        TwoBits.Read(block[..64], codes, offset: 1);
    }
}
