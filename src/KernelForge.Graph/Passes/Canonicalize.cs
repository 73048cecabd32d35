using KernelForge.Graphs;

namespace KernelForge.Passes;

/// <summary>Says the same thing in one way: rotary pairs become neighbours, by reordering the rows of the matrices that make queries and keys.</summary>
internal static class Canonicalize
{
    public static ModelGraph Run(ModelGraph graph)
    {
        var reordered = new Dictionary<int, RowOrder>();
        foreach (var attention in graph.Nodes.OfType<AttentionNode>())
        {
            if (attention.AdjacentPairs || attention.Rotary < 0)
                continue;
            reordered[attention.Inputs[0]] = Order(graph, attention);
            reordered[attention.Inputs[1]] = Order(graph, attention);
        }

        foreach (var latent in graph.Nodes.OfType<LatentAttentionNode>().Where(latent => !latent.AdjacentPairs))
        {
            var pairs = graph.Rotaries[latent.Rotary].Pairs;
            reordered[latent.Inputs[0]] = new RowOrder(latent.PlainSize + latent.RotatedSize, pairs, latent.PlainSize);
            reordered[latent.Inputs[2]] = new RowOrder(latent.RotatedSize, pairs);
        }

        return graph with { Nodes = graph.Nodes.Select(node => Rewrite(graph, node, reordered)).ToEquatableArray() };
    }

    private static RowOrder Order(ModelGraph graph, AttentionNode attention) => new(attention.HeadSize, graph.Rotaries[attention.Rotary].Pairs);

    private static Node Rewrite(ModelGraph graph, Node node, Dictionary<int, RowOrder> reordered) => node switch
    {
        AttentionNode { AdjacentPairs: true } or AttentionNode { Rotary: < 0 } => node,
        AttentionNode attention => attention with
        {
            AdjacentPairs = true,
            HeadNorms = attention.HeadNorms is { } norms ? norms with { Order = Order(graph, attention) } : null,
        },
        LatentAttentionNode latent => latent with { AdjacentPairs = true },
        LinearNode linear when reordered.TryGetValue(linear.Id, out var order) => linear with
        {
            Parts = linear.Parts.Select(part => part with { Order = order }).ToEquatableArray(),
        },
        _ => node,
    };
}
