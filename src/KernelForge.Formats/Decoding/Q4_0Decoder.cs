using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>Q4_0: an f16 scale, then 16 bytes whose low nibbles are values 0 to 15 and whose high nibbles are 16 to 31; (code - 8) * scale.</summary>
public sealed class Q4_0Decoder : TensorDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q4_0;

    /// <inheritdoc/>
    public override int BlockValues => 32;

    /// <inheritdoc/>
    public override int BlockBytes => 18;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (; !values.IsEmpty; bytes = bytes[18..], values = values[32..])
        {
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
            for (var i = 0; i < 16; i++)
            {
                values[i] = ((bytes[2 + i] & 15) - 8) * scale;
                values[i + 16] = ((bytes[2 + i] >> 4) - 8) * scale;
            }
        }
    }
}
