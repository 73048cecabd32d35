using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>Q8_0: an f16 scale, then 32 signed bytes; code * scale.</summary>
public sealed class Q8_0Decoder : TensorDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.Q8_0;

    /// <inheritdoc/>
    public override int BlockValues => 32;

    /// <inheritdoc/>
    public override int BlockBytes => 34;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (; !values.IsEmpty; bytes = bytes[34..], values = values[32..])
        {
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
            for (var i = 0; i < 32; i++)
                values[i] = (sbyte)bytes[2 + i] * scale;
        }
    }
}
