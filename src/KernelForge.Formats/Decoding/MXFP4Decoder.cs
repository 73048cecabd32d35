namespace KernelForge.Formats.Decoding;

/// <summary>
/// MXFP4 as ggml stores it: the exponent of a scale (E8M0), then 16 bytes of E2M1 whose low nibbles are values 0 to 15 and whose high
/// nibbles are 16 to 31; e2m1 * 2^(exponent - 127).
/// </summary>
public sealed class MXFP4Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.MXFP4;

    /// <inheritdoc/>
    public override int BlockValues => 32;

    /// <inheritdoc/>
    public override int BlockBytes => 17;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => Exponents(bytes);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = Scale(block[0]);
        for (var i = 0; i < 16; i++)
        {
            codes[i] = Fp4.Doubled[block[1 + i] & 15];
            codes[i + 16] = Fp4.Doubled[block[1 + i] >> 4];
        }
    }

    // Half of what the exponent says, as the codes are doubled: 2^-128 and 2^-127 are denormal.
    private static float Scale(byte exponent) => MathF.ScaleB(1, exponent - 128);

    // 255 stands for no number; 12 * 2^(253 - 128) and above passes the largest float.
    private static bool Exponents(ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[17..])
        {
            if (bytes[0] > 252)
                return false;
        }
        return true;
    }
}
