namespace KernelForge.Formats.Gguf;

/// <summary>One entry of the tensor table, checked: it lies inside the file and overlaps no other.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">Storage.</param>
/// <param name="Shape">Slowest dimension first: [rows, columns] for a matrix.</param>
/// <param name="Offset">Bytes from the start of its file.</param>
/// <param name="Length">Bytes.</param>
public sealed record GgufTensor(string Name, GgmlType Type, EquatableArray<long> Shape, long Offset, long Length)
{
    /// <summary>Which file of a model in several holds it; 0 is the first.</summary>
    public int Part { get; init; }

    /// <summary>Values of a row: the fastest dimension.</summary>
    public long Columns => Shape[^1];

    /// <summary>Rows: the product of all dimensions but the fastest.</summary>
    public long Rows => Shape.Take(Shape.Count - 1).Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Bytes of a row.</summary>
    public long RowBytes => Columns / Type.BlockValues * Type.BlockBytes;
}
