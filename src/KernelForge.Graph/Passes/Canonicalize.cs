using KernelForge.Graphs;

namespace KernelForge.Passes;

/// <summary>Says the same thing in one way: rotary pairs become neighbours, by reordering the rows of the matrices that make queries and keys.</summary>
internal static class Canonicalize
{
    public static ModelGraph Run(ModelGraph graph)
    {
        var reordered = new Dictionary<int, int>();
        foreach (var attention in graph.Nodes.OfType<AttentionNode>())
        {
            if (attention.AdjacentPairs || attention.Rotary < 0)
                continue;
            reordered[attention.Inputs[0]] = attention.HeadSize;
            reordered[attention.Inputs[1]] = attention.HeadSize;
        }

        return graph with { Nodes = graph.Nodes.Select(node => Rewrite(node, reordered)).ToEquatableArray() };
    }

    private static Node Rewrite(Node node, Dictionary<int, int> reordered) => node switch
    {
        AttentionNode attention => attention with { AdjacentPairs = true },
        LinearNode linear when reordered.TryGetValue(linear.Id, out var headSize) => linear with
        {
            Parts = linear.Parts.Select(part => part with { Order = RowOrder.RotaryPairs, HeadSize = headSize }).ToEquatableArray(),
        },
        _ => node,
    };
}
