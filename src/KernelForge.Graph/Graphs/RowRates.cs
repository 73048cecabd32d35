namespace KernelForge.Graphs;

/// <summary>How many of the rows that a caller gives make one row of a node, where windows leave rows out.</summary>
internal static class RowRates
{
    /// <summary>By the id of a node.</summary>
    /// <param name="nodes">Of one part, in their order: each stands after those it reads.</param>
    public static Dictionary<int, int> Of(IEnumerable<Node> nodes)
    {
        var rates = new Dictionary<int, int>();
        foreach (var node in nodes)
        {
            // What a node reads first is of its own part.
            var read = node.Inputs.Count == 0 ? 1 : rates[node.Inputs[0]];
            rates[node.Id] = node is WindowNode window ? read * window.Stride : read;
        }

        return rates;
    }
}
