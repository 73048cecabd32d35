namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q6_K: for each 128 values 64 bytes of low nibbles (values 0 to 63, then 64 to 127 in the high ones); for each 128 values 32 bytes of high
/// bit pairs, a run of 32 values in each pair; a signed scale for each 16 values; an f16 factor of the scales; (code - 32) * scale.
/// </summary>
public sealed class Q6_KDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q6_K;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 210;

    /// <inheritdoc/>
    public override int GroupValues => 16;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 208);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = HalfAt(block, 208);
        for (var group = 0; group < 16; group++)
            scales[group] = factor * (sbyte)block[192 + group];
        for (var run = 0; run < 8; run++)
        {
            var low = block.Slice((run / 4 * 64) + (run % 2 * 32), 32);
            var high = block.Slice(128 + (run / 4 * 32), 32);
            var target = codes.Slice(run * 32, 32);
            for (var i = 0; i < 32; i++)
                target[i] = (sbyte)(((low[i] >> (run % 4 / 2 * 4) & 15) | (high[i] >> (run % 4 * 2) & 3) << 4) - 32);
        }
    }
}
