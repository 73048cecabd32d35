using System.Runtime.InteropServices;

namespace KernelForge.Formats.Decoding;

/// <summary>IEEE binary32, as it is.</summary>
public sealed class F32Decoder : TensorDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.F32;

    /// <inheritdoc/>
    public override int BlockValues => 1;

    /// <inheritdoc/>
    public override int BlockBytes => 4;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in MemoryMarshal.Cast<byte, float>(bytes))
        {
            if (!float.IsFinite(value))
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values) => MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
}
