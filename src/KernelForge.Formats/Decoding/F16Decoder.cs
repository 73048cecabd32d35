using System.Runtime.InteropServices;

namespace KernelForge.Formats.Decoding;

/// <summary>IEEE binary16.</summary>
public sealed class F16Decoder : TensorDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.F16;

    /// <inheritdoc/>
    public override int BlockValues => 1;

    /// <inheritdoc/>
    public override int BlockBytes => 2;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(bytes);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)halves[i];
    }
}
