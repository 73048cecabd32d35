using KernelForge.Graphs;

namespace KernelForge.Passes;

/// <summary>What must hold of every graph, after every pass.</summary>
public static class GraphVerifier
{
    /// <summary>What is wrong; empty for a sound graph.</summary>
    public static IReadOnlyList<string> Problems(ModelGraph graph)
    {
        var problems = new List<string>();
        var seen = new Dictionary<int, Node>();
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs.Where(input => !seen.ContainsKey(input)))
                problems.Add($"node {node.Id} '{node.Name}' reads node {input}, which does not stand before it");
            if (node.Inputs.All(seen.ContainsKey))
                problems.AddRange(Problems(graph, node, node.Inputs.Select(input => seen[input]).ToList()).Select(p => $"node {node.Id} '{node.Name}' {p}"));
            if (seen.ContainsKey(node.Id))
                problems.Add($"two nodes have the id {node.Id}");
            seen[node.Id] = node;
            if (node.Layer >= graph.Layers)
                problems.Add($"node {node.Id} '{node.Name}' is in layer {node.Layer} of {graph.Layers}");
        }

        if (graph.Nodes.Count == 0 || graph.Nodes[graph.Nodes.Count - 1] is not LinearNode head || head.Width != graph.Vocabulary)
            problems.Add("the last node is no matrix over the vocabulary");
        return problems;
    }

    private static IEnumerable<string> Problems(ModelGraph graph, Node node, List<Node> inputs) => node switch
    {
        EmbeddingNode embedding => Check(
            (embedding.Table.Rows == graph.Vocabulary && embedding.Table.Columns == graph.Width && node.Width == graph.Width, "has a table of another shape")),
        RmsNormNode norm => Check(
            (inputs.Count == 1 && inputs[0].Width == norm.Width, "reads a value of another width"),
            (norm.Scale.Rows == 1 && norm.Scale.Columns == norm.Width, "has a scale of another length"),
            (norm.Epsilon >= 0, "has a negative epsilon")),
        QuantizeNode => Check((inputs.Count == 1 && inputs[0].Width == node.Width, "reads a value of another width")),
        AddNode => Check((inputs.Count == 2 && inputs.TrueForAll(input => input.Width == node.Width), "adds values of other widths")),
        LinearNode linear => Problems(linear, inputs),
        GateNode gate => Check((
            inputs.Count == 2
                ? inputs.TrueForAll(input => input.Width == gate.Width)
                : inputs.Count == 1 && inputs[0] is LinearNode { Interleaved: true, Parts.Count: 2 } && inputs[0].Width == 2 * gate.Width,
            "has inputs that are no gate and up")),
        AttentionNode attention => Problems(graph, attention, inputs),
        _ => [$"is of the unknown kind {node.GetType().Name}"],
    };

    private static IEnumerable<string> Problems(LinearNode linear, List<Node> inputs) => Check(
        (inputs.Count == 1 && linear.Parts.All(part => part.Matrix.Columns == inputs[0].Width), "has matrices of another depth than its input"),
        (linear.Parts.Sum(part => part.Matrix.Rows) == linear.Width, "is not as wide as its matrices have rows"),
        (linear.Parts.All(part => part.Bias is null || (part.Bias.Rows == 1 && part.Bias.Columns == part.Matrix.Rows)), "has a bias of another length"),
        (linear.Parts.All(part => part.Order == RowOrder.AsStored || (part.HeadSize > 0 && part.HeadSize % 2 == 0 && part.Matrix.Rows % part.HeadSize == 0)), "reorders rows that are no whole heads"),
        (!linear.Interleaved || (linear.Parts.Count == 2 && linear.Parts[0].Matrix.Rows == linear.Parts[1].Matrix.Rows), "interleaves parts of different lengths"));

    private static IEnumerable<string> Problems(ModelGraph graph, AttentionNode attention, List<Node> inputs)
    {
        var query = attention.Heads * attention.HeadSize;
        var key = attention.KeyValueHeads * attention.HeadSize;
        return Check(
            (attention.KeyValueHeads > 0 && attention.Heads % attention.KeyValueHeads == 0, "has key heads that do not divide its query heads"),
            (attention.Width == query, "is not as wide as its heads"),
            (inputs.Count == 1
                ? inputs[0].Width == query + (2 * key)
                : inputs.Count == 3 && inputs[0].Width == query && inputs[1].Width == key && inputs[2].Width == key, "has inputs of other widths"),
            (attention.Rotary < graph.Rotaries.Count, "names a rotary table that is not there"),
            (attention.Rotary < 0 || attention.Rotary >= graph.Rotaries.Count || graph.Rotaries[attention.Rotary].Pairs * 2 <= attention.HeadSize, "rotates more than a head"));
    }

    private static IEnumerable<string> Check(params (bool Holds, string Problem)[] checks) =>
        checks.Where(check => !check.Holds).Select(check => check.Problem);
}
