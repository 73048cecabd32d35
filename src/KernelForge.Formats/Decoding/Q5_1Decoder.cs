using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q5_1: an f16 scale, an f16 minimum, 32 fifth bits, then 16 bytes whose low nibbles are values 0 to 15 and whose high nibbles are
/// 16 to 31; code * scale + minimum.
/// </summary>
public sealed class Q5_1Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q5_1;

    /// <inheritdoc/>
    public override int BlockValues => 32;

    /// <inheritdoc/>
    public override int BlockBytes => 24;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool HasMinima => true;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0) && HalvesFinite(bytes, 2);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = HalfAt(block, 0);
        minima[0] = HalfAt(block, 2);
        var high = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        for (var i = 0; i < 16; i++)
        {
            codes[i] = (sbyte)((block[8 + i] & 15) | (int)(high >> i & 1) << 4);
            codes[i + 16] = (sbyte)(block[8 + i] >> 4 | (int)(high >> (i + 16) & 1) << 4);
        }
    }
}
