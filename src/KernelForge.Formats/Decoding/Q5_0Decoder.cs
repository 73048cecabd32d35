using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q5_0: an f16 scale, 32 fifth bits, then 16 bytes whose low nibbles are values 0 to 15 and whose high nibbles are 16 to 31;
/// (code - 16) * scale.
/// </summary>
public sealed class Q5_0Decoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q5_0;

    /// <inheritdoc/>
    public override int BlockValues => 32;

    /// <inheritdoc/>
    public override int BlockBytes => 22;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        scales[0] = HalfAt(block, 0);
        var high = BinaryPrimitives.ReadUInt32LittleEndian(block[2..]);
        for (var i = 0; i < 16; i++)
        {
            codes[i] = (sbyte)(((block[6 + i] & 15) | (int)(high >> i & 1) << 4) - 16);
            codes[i + 16] = (sbyte)((block[6 + i] >> 4 | (int)(high >> (i + 16) & 1) << 4) - 16);
        }
    }
}
