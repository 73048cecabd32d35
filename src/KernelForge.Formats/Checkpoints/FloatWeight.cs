using KernelForge.Formats.Decoding;
using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Checkpoints;

/// <summary>A tensor of floats, as a checkpoint stores those it does not quantize. A vector is one row.</summary>
/// <param name="stored">Where it lies.</param>
/// <param name="allowsNonFinite">Whether values may be infinite or not a number.</param>
internal sealed class FloatWeight(StoredTensor stored, bool allowsNonFinite) : WeightTensor(
    stored.File.Path, stored.Name, stored.Type, TypeOf(stored), stored.Shape.Take(stored.Shape.Count - 1).Aggregate(1L, (rows, size) => rows * size),
    stored.Shape.Count > 0 && stored.Shape[^1] <= int.MaxValue ? (int)stored.Shape[^1] : throw stored.Error("a matrix or vector is expected"))
{
    public override bool IsConverted => false;

    public override void Decode(long row, Span<float> values) => TensorDecoder.Decode(RunType, Row(row, default), values);

    public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch)
    {
        var bytes = stored.Bytes(row * RunBytes, RunBytes);
        return allowsNonFinite || TensorDecoder.Find((int)RunType)!.AllFinite(bytes) ? bytes : throw NotFinite(stored.Tensor.Offset + (row * RunBytes));
    }

    private static WeightType TypeOf(StoredTensor stored) => stored.Type switch
    {
        "F32" => WeightType.F32,
        "F16" => WeightType.F16,
        "BF16" => WeightType.BF16,
        _ => throw stored.Error($"tensors of type {stored.Type} are no weights that can be read alone"),
    };
}
