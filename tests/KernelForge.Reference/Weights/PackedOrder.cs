using KernelForge.Graphs;

namespace KernelForge.Reference.Weights;

/// <summary>The order in which rows of one or several source tensors stand in a packed one (docs/packed-format.md, "Matrices").</summary>
public static class PackedOrder
{
    /// <summary>Rows of each part that stand together where two parts are interleaved.</summary>
    public const int Interleave = 16;

    /// <summary>A row of the packed tensor: which row of which part; part -1 is a row of zeros.</summary>
    public readonly record struct Origin(int Part, int Row);

    /// <summary>The origin of each row.</summary>
    /// <param name="parts">Rows and order of each part.</param>
    /// <param name="interleaved">Whether the parts alternate by 16 rows, the last group of each filled with zeros.</param>
    public static Origin[] Of(IReadOnlyList<(int Rows, RowOrder Order)> parts, bool interleaved)
    {
        var origins = new List<Origin>();
        if (!interleaved)
        {
            for (var part = 0; part < parts.Count; part++)
            {
                for (var row = 0; row < parts[part].Rows; row++)
                    origins.Add(new Origin(part, SourceRow(parts[part], row)));
            }

            return [.. origins];
        }

        for (var start = 0; start < parts.Max(part => part.Rows); start += Interleave)
        {
            for (var part = 0; part < parts.Count; part++)
            {
                for (var row = start; row < start + Interleave; row++)
                    origins.Add(row < parts[part].Rows ? new Origin(part, SourceRow(parts[part], row)) : new Origin(-1, 0));
            }
        }

        return [.. origins];
    }

    /// <summary>Where value <paramref name="index"/> of a part stands among interleaved rows.</summary>
    public static int InterleavedIndex(int part, int index) =>
        (index / Interleave * 2 * Interleave) + (part * Interleave) + (index % Interleave);

    private static int SourceRow((int Rows, RowOrder Order) part, int row)
    {
        if (part.Order.Pairs == 0)
            return row;
        var inHead = (row % part.Order.HeadSize) - part.Order.First;
        if (inHead < 0 || inHead >= 2 * part.Order.Pairs)
            return row;
        return row - inHead + (inHead / 2) + (inHead % 2 * part.Order.Pairs);
    }
}
