using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Reads an input once for all matrices over it: query, key and value, keys and values that are kept, and what a convolution reads, become one matrix where their layouts are the same; gate and up become
/// one whose rows alternate by 16, so that a tile of 32 rows holds both halves of 16 products.
/// </summary>
internal static class FuseProjections
{
    public static ModelGraph Run(ModelGraph graph)
    {
        var linears = graph.Nodes.OfType<LinearNode>().ToDictionary(linear => linear.Id);
        var readers = graph.Nodes.SelectMany(node => node.Inputs).GroupBy(id => id).ToDictionary(group => group.Key, group => group.Count());
        var fused = new Dictionary<int, LinearNode>();
        var gone = new HashSet<int>();
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            if (!Joins(node) || Inputs(node, linears, readers) is not { } inputs)
                continue;
            var interleaved = node is GateNode;
            if (!interleaved && inputs.Select(input => LinearLayout.Of(input)).Distinct().Count() > 1)
                continue;
            // The fused matrix takes the place of the last of its parts, so that it still stands before its use.
            fused[inputs[inputs.Count - 1].Id] = Fuse(inputs, interleaved);
            gone.UnionWith(inputs.Select(input => input.Id));
        }

        foreach (var node in graph.Nodes)
        {
            if (fused.TryGetValue(node.Id, out var replacement))
                nodes.Add(replacement);
            else if (!gone.Contains(node.Id))
                nodes.Add(Joins(node) ? Redirect(node, fused) : node);
        }

        return graph with { Nodes = nodes.ToEquatableArray() };
    }

    /// <summary>Reads the results of several matrices.</summary>
    private static bool Joins(Node node) => node is AttentionNode or GateNode or ShortConvolutionNode or KeepNode;

    private static List<LinearNode>? Inputs(Node node, Dictionary<int, LinearNode> linears, Dictionary<int, int> readers)
    {
        var inputs = new List<LinearNode>();
        foreach (var id in node.Inputs)
        {
            if (!linears.TryGetValue(id, out var linear) || readers[id] > 1 || linear.Parts.Count != 1)
                return null;
            inputs.Add(linear);
        }

        return inputs.Count > 1 && inputs.TrueForAll(input => input.Inputs == inputs[0].Inputs) ? inputs : null;
    }

    private static LinearNode Fuse(List<LinearNode> inputs, bool interleaved)
    {
        var last = inputs[inputs.Count - 1];
        return last with
        {
            Name = string.Concat(inputs.Select(input => input.Name)),
            Width = inputs.Sum(input => input.Width),
            Parts = inputs.SelectMany(input => input.Parts).ToEquatableArray(),
            Interleaved = interleaved,
        };
    }

    private static Node Redirect(Node node, Dictionary<int, LinearNode> fused) =>
        fused.ContainsKey(node.Inputs[node.Inputs.Count - 1])
            ? node with { Inputs = EquatableArray.Create(node.Inputs[node.Inputs.Count - 1]) }
            : node;
}
