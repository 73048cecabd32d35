using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Puts a quantization before every matrix of integer codes; matrices over the same input share one.</summary>
internal static class QuantizeActivations
{
    public static ModelGraph Run(ModelGraph graph, ActivationMode activations)
    {
        var readers = graph.Nodes.OfType<LinearNode>().Where(linear => LinearLayout.NeedsQuantized(linear, activations)).ToLookup(linear => linear.Inputs[0]);
        var format = activations == ActivationMode.Int8 ? ActivationFormat.Int8 : ActivationFormat.Int12;
        var quantized = new Dictionary<int, int>();
        var next = graph.Nodes.Max(node => node.Id) + 1;
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            nodes.Add(node is LinearNode linear && LinearLayout.NeedsQuantized(linear, activations)
                ? linear with { Inputs = EquatableArray.Create(quantized[linear.Inputs[0]]) }
                : node);
            if (!readers.Contains(node.Id))
                continue;
            quantized[node.Id] = next;
            nodes.Add(new QuantizeNode(next++, node.Name + "Codes", node.Layer, node.Width, EquatableArray.Create(node.Id), format));
        }

        return graph with { Nodes = nodes.ToEquatableArray() };
    }
}
