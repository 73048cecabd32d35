using System.Globalization;
using System.Text;
using KernelForge.Plans;

namespace KernelForge.Graphs;

/// <summary>Prints a graph for people.</summary>
public static class GraphPrinter
{
    /// <summary>One line a node; layers that differ only in their weights' names are printed once. Deterministic.</summary>
    public static string Print(ModelGraph graph)
    {
        var text = new StringBuilder();
        text.Append(Invariant($"{graph.Architecture}: vocabulary {graph.Vocabulary}, width {graph.Width}, context {graph.Context}, layers {graph.Layers}\n"));
        for (var i = 0; i < graph.Rotaries.Count; i++)
            text.Append(Invariant($"rotary {i}: {Rotary(graph.Rotaries[i])}\n"));
        var nodes = graph.Nodes.ToDictionary(node => node.Id);
        var current = 0;
        foreach (var (part, first, last, lines) in Sections(graph, nodes))
        {
            if (part != current)
                text.Append(part == 0 ? Invariant($"part of {Input(graph.Input)}\n") : Invariant($"part {graph.Parts[part - 1].Name} of {Input(graph.InputOf(part))}, layers {graph.Parts[part - 1].Layers}\n"));
            current = part;
            if (first >= 0)
                text.Append(first == last ? Invariant($"layer {first}\n") : Invariant($"layers {first} to {last}\n"));
            foreach (var line in lines)
                text.Append(first >= 0 ? "  " : string.Empty).Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>One line about a rotary table.</summary>
    public static string Rotary(RotaryTable table) => Invariant($"{table.Pairs} pairs, theta {table.Theta:R}, ") + table.Scaling switch
    {
        RotaryScaling.Linear linear => Invariant($"linear, factor {linear.Factor:R}"),
        RotaryScaling.Dynamic dynamic => Invariant($"dynamic, factor {dynamic.Factor:R}, original context {dynamic.OriginalContext}"),
        RotaryScaling.Yarn yarn => Invariant($"yarn, factor {yarn.Factor:R}, original context {yarn.OriginalContext}, amplitude {yarn.AttentionFactor:R}, beta {yarn.BetaFast:R} to {yarn.BetaSlow:R}"),
        RotaryScaling.Llama3 llama => Invariant($"llama3, factor {llama.Factor:R}, frequencies {llama.LowFrequencyFactor:R} to {llama.HighFrequencyFactor:R}, original context {llama.OriginalContext}"),
        RotaryScaling.PerPair pair => Invariant($"factors for each pair from {pair.ShortTensor ?? "the configuration"}, original context {pair.OriginalContext}, amplitude {pair.AttentionFactor:R}"),
        _ => "not scaled",
    };

    private static string Input(GraphInput input) => input switch
    {
        GraphInput.Rows rows => Invariant($"{input.Name} [at most {input.Most}, {rows.Width}]"),
        GraphInput.Bands bands => Invariant($"{input.Name} [{bands.Width}, {input.Most}]"),
        GraphInput.Patches patches => Invariant($"{input.Name} [{patches.Channels}, {patches.Side * patches.Patch}, {patches.Side * patches.Patch}] in patches of {patches.Patch}x{patches.Patch}"),
        _ => Invariant($"{input.Name} [at most {input.Most}]"),
    };

    private static List<(int Part, int First, int Last, List<string> Lines)> Sections(ModelGraph graph, Dictionary<int, Node> nodes)
    {
        var sections = new List<(int Part, int First, int Last, List<string> Lines)>();
        for (var i = 0; i < graph.Nodes.Count;)
        {
            var (part, layer) = (graph.Nodes[i].Part, graph.Nodes[i].Layer);
            var lines = new List<string>();
            for (; i < graph.Nodes.Count && graph.Nodes[i].Part == part && graph.Nodes[i].Layer == layer; i++)
                lines.Add(Line(graph.Nodes[i], nodes));
            var last = sections.Count - 1;
            if (layer > 0 && sections[last].Part == part && sections[last].Lines.SequenceEqual(lines, StringComparer.Ordinal))
                sections[last] = (part, sections[last].First, layer, lines);
            else
                sections.Add((part, layer, layer, lines));
        }

        return sections;
    }

    private static string Line(Node node, Dictionary<int, Node> nodes)
    {
        // The first layer reads the embedding where the others read their predecessor; both are the residual stream.
        var inputs = string.Join(", ", node.Inputs.Select(id => nodes[id].Layer == node.Layer || nodes[id].Part != node.Part || node.Layer < 0 ? nodes[id].Name : "stream"));
        return Invariant($"{node.Name}[{node.Width}] = {Operation(node)}({inputs})");
    }

    /// <summary>A format as it is printed.</summary>
    internal static string Word(ActivationFormat format) => format switch
    {
        ActivationFormat.Int8 => "int8",
        ActivationFormat.Int12 => "int12",
        _ => "float32",
    };

    /// <summary>An activation as it is printed.</summary>
    internal static string Word(Activation activation) => activation switch
    {
        Activation.GeluTanh => "gelu tanh",
        Activation.QuickGelu => "quick gelu",
        Activation.SquaredRelu => "squared relu",
        _ => activation.ToString().ToLowerInvariant(),
    };

    /// <summary>A temperature after what it belongs to.</summary>
    internal static string Describe(QueryTemperature temperature) => Invariant($", temperature {temperature.Scale:R} every {temperature.Floor:R}");

    /// <summary>A clamped unit as it is printed.</summary>
    internal static string Clamped(ClampedUnit clamp) => Invariant($"clamped to {clamp.Limit:R}, slope {clamp.Slope:R}");

    private static string Describe(Routing routing) =>
        (routing.Score switch { RoutingScore.Softmax => "softmax", RoutingScore.Sigmoid => "sigmoid", RoutingScore.SparseMixer => Invariant($"sparse mixer, margin {routing.Margin:R}"), _ => "softmax of the chosen" })
        + (routing.Correction is null ? string.Empty : " with correction")
        + (routing.Groups > 1 ? Invariant($", best {routing.ActiveGroups} of {routing.Groups} groups by {routing.GroupScore}") : string.Empty)
        + (routing.LeastSum > 0 ? ", normalized" : string.Empty) + (routing.ScalesInput ? ", of the input" : string.Empty) + Times(routing.Scale);

    private static string Describe(Norm norm) =>
        Invariant($"{(norm.Kind == NormKind.Rms ? "rms norm" : "layer norm")} epsilon {norm.Epsilon:R}")
        + (norm.Shift is null ? string.Empty : " with shift") + (norm.Scale is { } scale ? Times(scale.Factor) : " without scale");

    private static string Times(float factor) => factor == 1 ? string.Empty : Invariant($" times {factor:R}");

    private static string Operation(Node node) => node switch
    {
        EmbeddingNode embedding => $"embedding{Shape(embedding.Table)}{Times(embedding.Factor)} ",
        PositionNode position => $"position{Shape(position.Table)} ",
        NormNode norm => Describe(norm.Norm) + " ",
        LinearNode linear => (linear.Interleaved ? "linear interleaved " : "linear ") + string.Join(" + ", linear.Parts.Select(Part)) + " ",
        AttentionNode attention => Invariant($"attention {attention.Heads} heads of {attention.HeadSize}, {attention.KeyValueHeads} key-value heads")
            + (attention.Rotary < 0 ? string.Empty : Invariant($", rotary {attention.Rotary} {(attention.AdjacentPairs ? "neighbours" : "halves")}"))
            + (attention.HeadNorms is { } norms ? $", {(norms.Whole ? "queries and keys" : "each head")} by {Describe(norms.Query)}{(norms.AfterRotary ? " after the rotation" : string.Empty)}" : string.Empty)
            + (attention.Scale == (float)(1 / Math.Sqrt(attention.HeadSize)) ? string.Empty : Invariant($", scale {attention.Scale:R}"))
            + (attention.Sinks is null ? string.Empty : ", with sinks")
            + (attention.Softcap == 0 ? string.Empty : Invariant($", softcap {attention.Softcap:R}"))
            + (attention.Chunk == 0 ? string.Empty : Invariant($", chunks of {attention.Chunk}"))
            + (attention.Temperature is { } temperature ? Describe(temperature) : string.Empty)
            + (attention.IsBidirectional ? ", both ways" : string.Empty)
            + (attention.Bias is { } bias ? Invariant($", bias{Shape(bias.Table)} by distance to {bias.Farthest}") : string.Empty)
            + (attention.Window == 0 ? " " : Invariant($", window {attention.Window} ")),
        LatentAttentionNode latent => Invariant($"{latent.Heads} heads of {latent.PlainSize}+{latent.RotatedSize} by {Part(latent.Keys)}, values of {latent.ValueSize} by {Part(latent.Values)}, rotary {latent.Rotary} {(latent.AdjacentPairs ? "neighbours" : "halves")}, scale {latent.Scale:R} "),
        ShortConvolutionNode convolution => Invariant($"after * convolution of {convolution.Taps.Columns}{(convolution.Bias is null ? string.Empty : " with bias")}(before * value) "),
        CrossAttentionNode cross => Invariant($"attention {cross.Heads} heads of {cross.HeadSize} to {cross.KeyValueHeads} heads by {Part(cross.Keys)}, {Part(cross.Values)}")
            + (cross.HeadNorms is { } norms ? $", each head by {Describe(norms.Query)}" : string.Empty)
            + (cross.Scale == (float)(1 / Math.Sqrt(cross.HeadSize)) ? " " : Invariant($", scale {cross.Scale:R} ")),
        KeepNode keep => Invariant($"keep {keep.KeyValueHeads} heads of {keep.HeadSize}") + (keep.HeadNorms is { } norms ? $", keys by {Describe(norms.Key)} " : " "),
        HeadNormNode norm => Invariant($"{Describe(norm.Norm)}, each {norm.HeadSize} values "),
        KeptAttentionNode kept => Invariant($"attention {kept.Heads} heads of {kept.HeadSize} to what is kept")
            + (kept.Scale == (float)(1 / Math.Sqrt(kept.HeadSize)) ? " " : Invariant($", scale {kept.Scale:R} ")),
        InputNode => "input ",
        ProbeNode probe => $"probe{Shape(probe.Row)} ",
        WindowNode window => Invariant($"windows of {window.Taps} rows, each {window.Stride} on "),
        PixelShuffleNode shuffle => Invariant($"squares of {shuffle.Factor}x{shuffle.Factor} rows "),
        FusionNode fusion => Invariant($"in place of token {fusion.Token} "),
        TokenTypeNode type => Invariant($"token type{Shape(type.Table)} "),
        FirstTokenNode => "first token ",
        GateNode gate => $"{Word(gate.Activation)}(gate) * up ",
        ActivationNode activation => Word(activation.Activation) + " ",
        MixtureNode mixture => Invariant($"{mixture.Routing.Active} of {mixture.Experts.Count} experts{Shape(mixture.Experts[0].Gate.Matrix)} {(mixture.Clamp is { } clamp ? Clamped(clamp) : Word(mixture.Activation))}, by {Describe(mixture.Routing)} "),
        RowGateNode => "value * sigmoid(gate) ",
        SoftcapNode softcap => Invariant($"softcap {softcap.Softcap:R} "),
        AddNode add => (add.Factor == 1 ? "add " : Invariant($"add {add.Factor:R} * ")) + (add.Gate is null ? string.Empty : "tanh(gate) * "),
        QuantizeNode quantize => $"quantize to {Word(quantize.Format)} ",
        _ => node.GetType().Name,
    };

    private static string Part(LinearPart part) =>
        part.Name + Shape(part.Matrix) + (part.Bias is null ? string.Empty : " with bias") + (part.Order.Pairs > 0 ? " pairs reordered" : string.Empty);

    private static string Shape(Weight weight) => Invariant($" {weight.Type} {weight.Rows}x{weight.Columns}") + (weight.View is null ? string.Empty : " (a part)");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
