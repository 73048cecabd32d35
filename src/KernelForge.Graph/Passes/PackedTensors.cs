using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Packed tensors made of weights; their offsets come later.</summary>
internal static class PackedTensors
{
    public static PackedTensor Matrix(string name, PackedLayout layout, EquatableArray<LinearPart> parts, bool interleaved) =>
        Sized(new PackedTensor(
            name, layout, parts.Sum(part => part.Matrix.Rows), parts[0].Matrix.Columns, interleaved,
            parts.Select(part => new PackedPart(part.Matrix.Tensor, part.Matrix.Rows, part.Order, part.Matrix.View)).ToEquatableArray(), 0, 0));

    /// <summary>The biases of a matrix's parts, zeros for a part without; null where no part has one.</summary>
    public static PackedTensor? Bias(string name, EquatableArray<LinearPart> parts, bool interleaved) =>
        parts.All(part => part.Bias is null)
            ? null
            : Sized(new PackedTensor(
                name, PackedLayout.Vector, 1, parts.Sum(part => part.Matrix.Rows), interleaved,
                parts.Select(part => new PackedPart(part.Bias?.Tensor ?? string.Empty, part.Matrix.Rows, part.Order, part.Bias?.View)).ToEquatableArray(),
                0, 0));

    /// <summary>The same matrix of every expert.</summary>
    public static PackedTensor Experts(string name, IReadOnlyList<EquatableArray<LinearPart>> experts, bool interleaved)
    {
        var layout = LinearLayout.Of(experts.SelectMany(expert => expert));
        var one = Matrix(name, layout, experts[0], interleaved);
        return Sized(one with { Experts = experts.Count, Parts = experts.SelectMany(expert => Matrix(name, layout, expert, interleaved).Parts).ToEquatableArray() });
    }

    /// <summary>The biases of every expert's matrix; null where none has one.</summary>
    public static PackedTensor? ExpertBiases(string name, IReadOnlyList<EquatableArray<LinearPart>> experts, bool interleaved) =>
        Bias(name, experts[0], interleaved) is not { } one ? null : Sized(one with
        {
            Experts = experts.Count,
            Parts = experts.SelectMany(expert => Bias(name, expert, interleaved)!.Parts).ToEquatableArray(),
        });

    public static PackedTensor Vector(string name, Weight weight, RowOrder order = default) =>
        Sized(new PackedTensor(
            name, PackedLayout.Vector, 1, weight.Columns, Interleaved: false,
            EquatableArray.Create(new PackedPart(weight.Tensor, weight.Columns, order, weight.View, weight.Offset, weight.Factor)), 0, 0));

    private static PackedTensor Sized(PackedTensor tensor) => tensor with { Length = PackedLayouts.Length(tensor) };
}
