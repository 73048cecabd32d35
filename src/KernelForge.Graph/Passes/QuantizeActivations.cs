using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Puts a quantization before every matrix of integer codes; matrices over the same input share one. It is INT8 before gate and up, which are
/// half of a layer's arithmetic and spread a rounding the most, and INT16 elsewhere: INT8 there moves logits by more than a tenth (docs/numerics.md).
/// </summary>
internal static class QuantizeActivations
{
    public static ModelGraph Run(ModelGraph graph, ActivationMode activations)
    {
        var readers = graph.Nodes.OfType<LinearNode>().Where(linear => LinearLayout.NeedsQuantized(linear, activations)).ToLookup(linear => linear.Inputs[0]);
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
            var format = readers[node.Id].All(reader => FeedsGate(graph, reader)) ? ActivationFormat.Int8 : ActivationFormat.Int16;
            nodes.Add(new QuantizeNode(next++, node.Name + "Codes", node.Layer, node.Width, EquatableArray.Create(node.Id), format));
        }

        return graph with { Nodes = nodes.ToEquatableArray() };
    }

    private static bool FeedsGate(ModelGraph graph, LinearNode linear) => graph.Nodes.Any(node => node is GateNode && node.Inputs.Contains(linear.Id));
}
