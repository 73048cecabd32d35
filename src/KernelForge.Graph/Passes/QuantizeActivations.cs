using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Puts a quantization before every matrix of integer codes; matrices over the same input share one. It stands with what it quantizes, but in the layer
/// that needs it: so all layers are alike where a layer reads what the one before it has left.
/// </summary>
internal static class QuantizeActivations
{
    public static ModelGraph Run(ModelGraph graph, ActivationMode activations)
    {
        var readers = graph.Nodes.Where(node => Needs(node, activations)).ToLookup(node => node.Inputs[0]);
        var format = activations == ActivationMode.Int8 ? ActivationFormat.Int8 : ActivationFormat.Int12;
        var quantized = new Dictionary<int, int>();
        var next = graph.Nodes.Max(node => node.Id) + 1;
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            if (Needs(node, activations) && !quantized.ContainsKey(node.Inputs[0]))
                Quantize(graph.Nodes.First(input => input.Id == node.Inputs[0]), node.Name + "Input", node.Layer);
            nodes.Add(Rewrite(node));
            if (readers[node.Id].FirstOrDefault() is { } reader && reader.Layer == node.Layer)
                Quantize(node, node.Name + "Codes", node.Layer);
        }

        return graph with { Nodes = nodes.ToEquatableArray() };

        void Quantize(Node node, string name, int layer)
        {
            quantized[node.Id] = next;
            nodes.Add(new QuantizeNode(next++, name, layer, node.Width, EquatableArray.Create(node.Id), format) { Part = node.Part });
        }

        Node Rewrite(Node node)
        {
            if (node is MixtureNode mixture && LinearLayout.NeedsQuantized(mixture.Experts.Select(expert => expert.Down), activations))
                node = mixture with { Format = format };
            if (node is MixtureNode { Routing.ScalesInput: true } scaling && ExpertsNeed(scaling, activations))
                node = scaling with { InputFormat = format };
            return Needs(node, activations) ? node with { Inputs = node.Inputs.Select((input, i) => i == 0 ? quantized[input] : input).ToEquatableArray() } : node;
        }
    }

    private static bool Needs(Node node, ActivationMode activations) => node switch
    {
        LinearNode linear => LinearLayout.NeedsQuantized(linear.Parts, activations),
        // What is weighted first is quantized after that.
        MixtureNode mixture => !mixture.Routing.ScalesInput && ExpertsNeed(mixture, activations),
        _ => false,
    };

    private static bool ExpertsNeed(MixtureNode mixture, ActivationMode activations) =>
        LinearLayout.NeedsQuantized(mixture.Experts.SelectMany(expert => new[] { expert.Gate, expert.Up }), activations);
}
