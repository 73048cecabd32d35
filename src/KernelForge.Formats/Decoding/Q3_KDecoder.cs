namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q3_K: a third bit for each of 256 values, clear where 4 is to be subtracted; two bits a value; 16 scales of six bits less 32, one for
/// each 16 values; an f16 factor of the scales; code * scale * factor. A product of code and scale fits a byte (-128 to 124 with the sign turned),
/// so the whole block is one group whose codes are such products.
/// </summary>
public sealed class Q3_KDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q3_K;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 110;

    /// <inheritdoc/>
    public override int GroupValues => 256;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 108);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = -HalfAt(block, 108);
        Codes(block, codes);
        for (var group = 0; group < 16; group++)
        {
            var scale = Scale(block, group);
            foreach (ref var code in codes.Slice(group * 16, 16))
                code = (sbyte)-(code * scale);
        }
    }

    // The products' zeros have no sign; ggml's have, and values are to agree in every bit.
    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        Span<sbyte> codes = stackalloc sbyte[256];
        for (; !values.IsEmpty; bytes = bytes[110..], values = values[256..])
        {
            Codes(bytes, codes);
            for (var group = 0; group < 16; group++)
            {
                var scale = HalfAt(bytes, 108) * Scale(bytes, group);
                for (var i = group * 16; i < (group + 1) * 16; i++)
                    values[i] = codes[i] * scale;
            }
        }
    }

    private static void Codes(ReadOnlySpan<byte> block, Span<sbyte> codes)
    {
        TwoBits.Read(block.Slice(32, 64), codes, offset: 4);
        for (var run = 0; run < 8; run++)
        {
            for (var i = 0; i < 32; i++)
                codes[(run * 32) + i] += (sbyte)((block[i] >> run & 1) << 2);
        }
    }

    // Four low bits in the nibbles of 8 bytes, two high bits in the quarters of 4 more.
    private static int Scale(ReadOnlySpan<byte> block, int group)
    {
        var low = block[96 + (group % 8)] >> (group / 8 * 4) & 15;
        var high = block[104 + (group % 4)] >> (group / 4 * 2) & 3;
        return (low | high << 4) - 32;
    }
}
