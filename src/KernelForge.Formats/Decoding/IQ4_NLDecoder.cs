namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ4_NL: an f16 scale, then 16 bytes whose low nibbles are values 0 to 15 and whose high nibbles are 16 to 31; table[code] * scale.
/// </summary>
public sealed class IQ4_NLDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ4_NL;

    /// <inheritdoc/>
    public override int BlockValues => 32;

    /// <inheritdoc/>
    public override int BlockBytes => 18;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = HalfAt(block, 0);
        IQ4Values.Read(block.Slice(2, 16), codes);
    }
}
