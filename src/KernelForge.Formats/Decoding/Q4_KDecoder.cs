namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q4_K: scales and minima of eight groups of 32 (<see cref="KScales"/>), then for each two groups 32 bytes, the first group in the low
/// nibbles; code * scale - minimum.
/// </summary>
public sealed class Q4_KDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q4_K;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 144;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool HasMinima => true;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0) && HalvesFinite(bytes, 2);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        KScales.Read(block, scales, minima);
        for (var group = 0; group < 8; group++)
        {
            var source = block.Slice(KScales.Bytes + (group / 2 * 32), 32);
            var target = codes.Slice(group * 32, 32);
            for (var i = 0; i < 32; i++)
                target[i] = (sbyte)(source[i] >> (group % 2 * 4) & 15);
        }
    }
}
