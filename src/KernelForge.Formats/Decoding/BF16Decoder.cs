using System.Runtime.InteropServices;

namespace KernelForge.Formats.Decoding;

/// <summary>bfloat16: the upper half of a binary32.</summary>
public sealed class BF16Decoder : TensorDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.BF16;

    /// <inheritdoc/>
    public override int BlockValues => 1;

    /// <inheritdoc/>
    public override int BlockBytes => 2;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes)
    {
        const ushort Infinity = 0x7F80;
        foreach (var value in MemoryMarshal.Cast<byte, ushort>(bytes))
        {
            if ((value & Infinity) == Infinity)
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (var i = 0; i < values.Length; i++)
            values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
    }
}
