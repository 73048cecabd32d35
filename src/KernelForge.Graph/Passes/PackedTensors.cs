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

    /// <summary>
    /// The rows of each head as a matrix for itself, as they are or turned. Codes become binary16: the blocks of a turned matrix do not lie along its
    /// rows, and what heads multiply is short.
    /// </summary>
    public static PackedTensor Heads(string name, Weight matrix, int heads, bool isTurned)
    {
        var (rows, columns) = (matrix.Rows / heads, matrix.Columns);
        var layout = PackedLayouts.Of(matrix.Type);
        var view = matrix.View ?? TensorView.Rows(0, columns);
        PackedPart Part(int head)
        {
            var start = view.RowStart(head * rows);
            var stride = rows > 1 ? view.RowStart((head * rows) + 1) - start : columns;
            return isTurned
                ? new PackedPart(matrix.Tensor, columns, default, new TensorView(start, columns, 0, view.ColumnStride, stride))
                : new PackedPart(matrix.Tensor, rows, default, new TensorView(start, rows, 0, stride, view.ColumnStride));
        }

        return Sized(new PackedTensor(
            name, PackedLayouts.IsInteger(layout) ? PackedLayout.Float16 : layout, isTurned ? columns : rows, isTurned ? rows : columns, Interleaved: false,
            Enumerable.Range(0, heads).Select(Part).ToEquatableArray(), 0, 0, heads));
    }

    /// <summary>A matrix [rows, columns] as one vector, column after column.</summary>
    public static Weight ByColumn(Weight matrix)
    {
        var view = matrix.View ?? TensorView.Rows(0, matrix.Columns);
        var stride = view.RowStart(1) - view.Start;
        return matrix with { Rows = 1, Columns = matrix.Rows * matrix.Columns, View = new TensorView(view.Start, matrix.Rows, view.ColumnStride, stride, 1) };
    }

    /// <summary>A bias as a row of each head, by distance, for texts of <paramref name="context"/> tokens at most.</summary>
    public static PackedTensor Distances(string name, RelativeBias bias, bool isBidirectional, int context)
    {
        var rows = new DistanceRows(bias.Buckets(isBidirectional), Math.Min(bias.Farthest, context - 1) + DistanceRows.Block - 1);
        var packed = Vector(name, ByColumn(bias.Table));
        var count = checked(bias.Table.Columns * rows.Length);
        return Sized(packed with { Columns = count, Parts = EquatableArray.Create(packed.Parts[0] with { Rows = count, Distances = rows }) });
    }

    private static PackedTensor Sized(PackedTensor tensor) => tensor with { Length = PackedLayouts.Length(tensor) };
}
