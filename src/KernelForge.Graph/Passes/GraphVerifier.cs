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
            foreach (var input in node.Inputs.Where((input, i) => seen.TryGetValue(input, out var read) && read.Part != node.Part && (i == 0 || node is not (CrossAttentionNode or KeptAttentionNode or FusionNode))))
                problems.Add($"node {node.Id} '{node.Name}' reads node {input}, whose rows are those of another part");
            if (seen.ContainsKey(node.Id))
                problems.Add($"two nodes have the id {node.Id}");
            seen[node.Id] = node;
            if (node.Part < 0 || node.Part > graph.Parts.Count)
                problems.Add($"node {node.Id} '{node.Name}' is of part {node.Part} of {graph.Parts.Count}");
            else if (node.Layer >= (node.Part == 0 ? graph.Layers : graph.Parts[node.Part - 1].Layers))
                problems.Add($"node {node.Id} '{node.Name}' is in layer {node.Layer} of part {node.Part}, which has fewer");
        }

        if (graph.Outputs.Count > 0)
            problems.AddRange(graph.Outputs.Where(output => !seen.ContainsKey(output.Node)).Select(output => $"the output '{output.Name}' is node {output.Node}, which is not there"));
        else if (graph.Nodes.LastOrDefault(node => node is not SoftcapNode) is not LinearNode head || head.Width != graph.Vocabulary)
            problems.Add("the last node is no matrix over the vocabulary");
        return problems;
    }

    private static IEnumerable<string> Problems(ModelGraph graph, Node node, List<Node> inputs) => node switch
    {
        EmbeddingNode embedding => Check(
            (embedding.Table.Rows >= graph.Vocabulary && embedding.Table.Columns == node.Width, "has a table of another shape")),
        PositionNode position => Check(
            (position.Table.Rows >= (inputs.Count > 0 ? 1 : node.Part == 0 ? graph.Context : graph.InputOf(node.Part).Most) && position.Table.Columns == node.Width, "has a table of another shape")),
        InputNode => Check((InputWidth(graph.InputOf(node.Part)) == node.Width, "is not as wide as what a caller gives")),
        ProbeNode probe => Check((IsVector(probe.Row, node.Width), "has a row of another length")),
        WindowNode window => Check((inputs.Count == 1 && window.Taps > 0 && window.Taps % 2 == 1 && window.Stride > 0 && inputs[0].Width * window.Taps == node.Width, "is not as wide as its rows together")),
        PixelShuffleNode shuffle => Check((inputs.Count == 1 && shuffle.Factor > 0 && inputs[0].Width * shuffle.Factor * shuffle.Factor == node.Width, "is not as wide as its rows together")),
        FusionNode => Check((inputs.Count == 2 && inputs.TrueForAll(input => input.Width == node.Width), "has inputs of other widths")),
        CrossAttentionNode cross => Problems(cross, inputs),
        KeepNode keep => Check(
            (keep.Width == 2 * keep.KeyValueHeads * keep.HeadSize && inputs.Sum(input => input.Width) == keep.Width && inputs.Count is 1 or 2, "has inputs of other widths than its heads"),
            (keep.HeadNorms is not { } norms || IsHeadNorm(norms.Key, norms.Whole, keep.KeyValueHeads, keep.HeadSize), "has norms of other lengths than its heads"),
            (graph.Nodes.OfType<KeepNode>().All(other => other.KeyValueHeads == keep.KeyValueHeads && other.HeadSize == keep.HeadSize), "keeps other heads than another layer")),
        HeadNormNode norm => Check(
            (inputs.Count == 1 && inputs[0].Width == norm.Width && norm.HeadSize > 0 && norm.Width % norm.HeadSize == 0, "reads a value of another width"),
            (norm.HeadSize > 0 && IsHeadNorm(norm.Norm, norm.HeadSize == norm.Width, norm.Width / norm.HeadSize, norm.HeadSize), "has a scale or shift of another length")),
        KeptAttentionNode kept => Check(
            (inputs.Count == 2 && kept.Width == kept.Heads * kept.HeadSize && inputs[0].Width == kept.Width, "is not as wide as its heads"),
            (inputs.Count == 2 && inputs[1] is KeepNode keep && keep.Slot == kept.Slot && keep.HeadSize == kept.HeadSize && kept.Heads % keep.KeyValueHeads == 0, "reads nothing that is kept for its heads")),
        TokenTypeNode type => Check((type.Table.Rows > 0 && type.Table.Columns == node.Width, "has a table of another shape")),
        FirstTokenNode => Check((inputs.Count == 1 && inputs[0].Width == node.Width, "reads a value of another width")),
        NormNode norm => Check(
            (inputs.Count == 1 && inputs[0].Width == norm.Width, "reads a value of another width"),
            (IsVector(norm.Norm.Scale, norm.Width) && IsVector(norm.Norm.Shift, norm.Width), "has a scale or shift of another length"),
            (norm.Norm.Epsilon >= 0, "has a negative epsilon"),
            (norm.Norm.Kind == NormKind.Layer || norm.Norm.Shift is null, "shifts what has kept its mean")),
        QuantizeNode or ActivationNode => Check((inputs.Count == 1 && inputs[0].Width == node.Width, "reads a value of another width")),
        MixtureNode mixture => Problems(mixture, inputs),
        RowGateNode => Check((inputs.Count == 2 && inputs[0].Width == node.Width && inputs[1].Width == 1, "has no value of its width and one gate")),
        SoftcapNode softcap => Check(
            (inputs.Count == 1 && inputs[0] is LinearNode && inputs[0].Width == node.Width && node.Id == graph.Nodes[graph.Nodes.Count - 1].Id, "does not follow the head"),
            (softcap.Softcap > 0, "has no bound above 0")),
        AddNode add => Check(
            (inputs.Count == 2 && inputs.TrueForAll(input => input.Width == node.Width), "adds values of other widths"),
            (IsVector(add.Gate, 1), "has a gate that is no single number")),
        LinearNode linear => Problems(linear, inputs),
        GateNode gate => Check((
            inputs.Count == 2
                ? inputs.TrueForAll(input => input.Width == gate.Width)
                : inputs.Count == 1 && inputs[0] is LinearNode { Interleaved: true, Parts.Count: 2 } && inputs[0].Width == 2 * gate.Width,
            "has inputs that are no gate and up")),
        AttentionNode attention => Problems(graph, attention, inputs),
        LatentAttentionNode latent => Problems(graph, latent, inputs),
        ShortConvolutionNode convolution => Check(
            (inputs.Count == 3 ? inputs.TrueForAll(input => input.Width == node.Width) : inputs.Count == 1 && inputs[0].Width == 3 * node.Width, "has inputs of other widths"),
            (convolution.Taps.Rows == node.Width && IsVector(convolution.Bias, node.Width), "has taps or a bias of another shape")),
        _ => [$"is of the unknown kind {node.GetType().Name}"],
    };

    private static IEnumerable<string> Problems(LinearNode linear, List<Node> inputs) => Check(
        (inputs.Count == 1 && linear.Parts.All(part => part.Matrix.Columns == inputs[0].Width), "has matrices of another depth than its input"),
        (linear.Parts.Sum(part => part.Matrix.Rows) == linear.Width, "is not as wide as its matrices have rows"),
        (linear.Parts.All(part => part.Bias is null || (part.Bias.Rows == 1 && part.Bias.Columns == part.Matrix.Rows)), "has a bias of another length"),
        (linear.Parts.All(part => part.Order.Pairs == 0 || (part.Order.First + (part.Order.Pairs * 2) <= part.Order.HeadSize && part.Matrix.Rows % part.Order.HeadSize == 0)), "reorders rows that are no whole heads"),
        (!linear.Interleaved || (linear.Parts.Count == 2 && linear.Parts[0].Matrix.Rows == linear.Parts[1].Matrix.Rows), "interleaves parts of different lengths"));

    private static IEnumerable<string> Problems(MixtureNode mixture, List<Node> inputs)
    {
        var (routing, experts) = (mixture.Routing, mixture.Experts);
        if (inputs.Count != 2 || experts.Count == 0)
            return ["has no experts, or not two inputs"];
        var (width, hidden) = (inputs[0].Width, experts[0].Gate.Matrix.Rows);
        bool Fits(LinearPart part, int rows, int columns) => part.Matrix.Rows == rows && part.Matrix.Columns == columns && (part.Bias is null || part.Bias.Columns == rows);
        return Check(
            (inputs[1].Width == experts.Count, "has another number of experts than its router"),
            (experts.All(expert => Fits(expert.Gate, hidden, width) && Fits(expert.Up, hidden, width) && Fits(expert.Down, mixture.Width, hidden)), "has experts of other shapes"),
            (mixture.Clamp is null || mixture.Clamp.Limit > 0, "is clamped to nothing"),
            (routing.Active > 0 && routing.Active <= experts.Count, "chooses none, or more experts than there are"),
            (IsVector(routing.Correction, experts.Count), "has a correction of another length"),
            (routing.Groups > 0 && experts.Count % routing.Groups == 0 && routing.ActiveGroups > 0 && routing.ActiveGroups <= routing.Groups
                && routing.GroupScore <= experts.Count / routing.Groups && routing.Active <= routing.ActiveGroups * (experts.Count / routing.Groups), "has groups that its experts do not fill"));
    }

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
            (attention.HeadNorms is not { } norms
                || (IsHeadNorm(norms.Query, norms.Whole, attention.Heads, attention.HeadSize) && IsHeadNorm(norms.Key, norms.Whole, attention.KeyValueHeads, attention.HeadSize)),
                "has norms of other lengths than its heads"),
            (attention.HeadNorms is not { } pair || (pair.Query.Kind == pair.Key.Kind && pair.Query.Epsilon == pair.Key.Epsilon), "normalizes queries in another way than keys"),
            (IsVector(attention.Sinks, attention.Heads), "has another number of sinks than heads"),
            (attention.Bias is not { } bias || (bias.Table.Columns == attention.Heads && bias.Table.Rows >= 4 && bias.Farthest > bias.Table.Rows / (attention.IsBidirectional ? 4 : 2)), "has a bias of another shape"),
            (attention.Chunk >= 0 && attention.Temperature is not { Floor: <= 0 }, "has chunks or a temperature that cannot be"),
            (attention.Rotary < graph.Rotaries.Count, "names a rotary table that is not there"),
            (attention.Rotary < 0 || attention.Rotary >= graph.Rotaries.Count || graph.Rotaries[attention.Rotary].Pairs * 2 <= attention.HeadSize, "rotates more than a head"));
    }

    private static IEnumerable<string> Problems(ModelGraph graph, LatentAttentionNode latent, List<Node> inputs) => Check(
        (inputs.Count == 3 && inputs[0].Width == latent.Heads * (latent.PlainSize + latent.RotatedSize) && inputs[2].Width == latent.RotatedSize
            && latent.Keys.Matrix.Columns == inputs[1].Width && latent.Values.Matrix.Columns == inputs[1].Width, "has inputs of other widths"),
        (latent.Keys.Matrix.Rows == latent.Heads * latent.PlainSize && latent.Values.Matrix.Rows == latent.Width, "has keys or values of another shape"),
        (latent.Width == latent.Heads * latent.ValueSize, "is not as wide as its heads"),
        (latent.Rotary >= 0 && latent.Rotary < graph.Rotaries.Count && graph.Rotaries[latent.Rotary].Pairs * 2 == latent.RotatedSize, "has no rotary table of its size"));

    private static IEnumerable<string> Problems(CrossAttentionNode cross, List<Node> inputs) => Check(
        (cross.KeyValueHeads > 0 && cross.Heads % cross.KeyValueHeads == 0, "has key heads that do not divide its query heads"),
        (inputs.Count == 2 && cross.Width == cross.Heads * cross.HeadSize && inputs[0].Width == cross.Width, "is not as wide as its heads"),
        (inputs.Count == 2 && new[] { cross.Keys, cross.Values }.All(part => part.Matrix.Rows == cross.KeyValueHeads * cross.HeadSize && part.Matrix.Columns == inputs[1].Width
            && IsVector(part.Bias, part.Matrix.Rows)), "has keys or values of another shape"),
        (cross.HeadNorms is not { } norms || (IsHeadNorm(norms.Query, whole: false, cross.Heads, cross.HeadSize) && IsHeadNorm(norms.Key, whole: false, cross.KeyValueHeads, cross.HeadSize)),
            "has norms of other lengths than its heads"));

    /// <summary>Values of a row that a caller gives; 0 for tokens, which are ids.</summary>
    private static int InputWidth(GraphInput input) => input switch
    {
        GraphInput.Rows rows => rows.Width,
        GraphInput.Bands bands => bands.Width,
        GraphInput.Patches patches => patches.Width,
        _ => 0,
    };

    private static bool IsVector(Weight? weight, int length) => weight is null || (weight.Rows == 1 && weight.Columns == length);

    private static bool IsHeadNorm(Norm norm, bool whole, int heads, int headSize) =>
        (!whole && IsVector(norm.Scale, headSize) && IsVector(norm.Shift, headSize)) || (IsVector(norm.Scale, heads * headSize) && IsVector(norm.Shift, heads * headSize));

    private static IEnumerable<string> Check(params (bool Holds, string Problem)[] checks) =>
        checks.Where(check => !check.Holds).Select(check => check.Problem);
}
