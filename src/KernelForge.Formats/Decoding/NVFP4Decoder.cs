namespace KernelForge.Formats.Decoding;

/// <summary>
/// NVFP4 as ggml stores it: four scales (E4M3 without a sign), then for each 16 values 8 bytes of E2M1 whose low nibbles are values 0 to 7 and whose
/// high nibbles are 8 to 15; e2m1 * scale.
/// </summary>
public sealed class NVFP4Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.NVFP4;

    /// <inheritdoc/>
    public override int BlockValues => 64;

    /// <inheritdoc/>
    public override int BlockBytes => 36;

    /// <inheritdoc/>
    public override int GroupValues => 16;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => Scales(bytes);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        for (var group = 0; group < 4; group++)
        {
            scales[group] = Scale(block[group]);
            for (var i = 0; i < 8; i++)
            {
                var both = block[4 + (group * 8) + i];
                codes[(group * 16) + i] = Fp4.Doubled[both & 15];
                codes[(group * 16) + i + 8] = Fp4.Doubled[both >> 4];
            }
        }
    }

    // Half of what the scale says, as the codes are doubled.
    private static float Scale(byte scale)
    {
        var (exponent, mantissa) = (scale >> 3 & 15, scale & 7);
        return exponent == 0 ? MathF.ScaleB(mantissa, -10) : MathF.ScaleB(8 + mantissa, exponent - 11);
    }

    private static bool Scales(ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[36..])
        {
            if (bytes[..4].Contains((byte)0x7F))
                return false;
        }
        return true;
    }
}
