namespace KernelForge.Formats.Decoding;

/// <summary>
/// TQ1_0: digits -1, 0 and 1 to the base three, five in a byte (32 bytes for values 0 to 159, 16 for 160 to 239, digit after digit), the last 16
/// values four in a byte; then an f16 scale. A byte is the fraction of its digits in 256ths, rounded up: times 3, the digit is what passes 256.
/// </summary>
public sealed class TQ1_0Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.TQ1_0;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 54;

    /// <inheritdoc/>
    public override int GroupValues => 256;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 52);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = HalfAt(block, 52);
        Digits(block[..32], codes[..160]);
        Digits(block.Slice(32, 16), codes.Slice(160, 80));
        Digits(block.Slice(48, 4), codes.Slice(240, 16));
    }

    private static void Digits(ReadOnlySpan<byte> bytes, Span<sbyte> codes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var rest = bytes[i];
            for (var at = i; at < codes.Length; at += bytes.Length)
            {
                codes[at] = (sbyte)((rest * 3 >> 8) - 1);
                rest *= 3;
            }
        }
    }
}
