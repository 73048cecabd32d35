namespace KernelForge.Graphs;

/// <summary>Which values have one row for each text, where others have one for each token.</summary>
internal static class TextRows
{
    /// <summary>Ids of the nodes that make one row of a text's many, and of all that follow them.</summary>
    /// <param name="nodes">In their order: each stands after those it reads.</param>
    public static HashSet<int> Of(IEnumerable<Node> nodes)
    {
        var found = new HashSet<int>();
        foreach (var node in nodes)
        {
            if (node is FirstTokenNode or ProbeNode || node.Inputs.Any(found.Contains))
                found.Add(node.Id);
        }

        return found;
    }
}
