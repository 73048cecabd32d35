using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// Q4_1: an f16 scale, an f16 minimum, then 16 bytes whose low nibbles are values 0 to 15 and whose high nibbles are 16 to 31;
/// code * scale + minimum. The product of a 4-bit code and an f16 is exact in binary32, so the sum rounds once whether fused or not.
/// </summary>
public sealed class Q4_1Decoder : TensorDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q4_1;

    /// <inheritdoc/>
    public override int BlockValues => 32;

    /// <inheritdoc/>
    public override int BlockBytes => 20;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0) && HalvesFinite(bytes, 2);

    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (; !values.IsEmpty; bytes = bytes[20..], values = values[32..])
        {
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
            var minimum = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[2..]);
            for (var i = 0; i < 16; i++)
            {
                values[i] = ((bytes[4 + i] & 15) * scale) + minimum;
                values[i + 16] = ((bytes[4 + i] >> 4) * scale) + minimum;
            }
        }
    }
}
