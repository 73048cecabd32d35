using KernelForge.Graphs;

namespace KernelForge.Passes;

/// <summary>Parts of a graph as graphs of their own, once what one reads of another is kept (<see cref="KeepStates"/>).</summary>
internal static class PartGraphs
{
    private const string States = "encoder_last_hidden_state";

    public static ModelGraph Of(ModelGraph graph, int part)
    {
        var nodes = graph.Nodes.Where(node => node.Part == part).ToEquatableArray();
        if (part == 0)
            return graph with { Nodes = nodes, Parts = default };
        var states = StatesOf(nodes);
        var input = graph.InputOf(part);
        return graph with
        {
            Nodes = nodes,
            Parts = default,
            Input = input,
            Width = states.Width,
            Context = input.Most / RowRates.Of(nodes)[states.Id],
            Layers = graph.Parts[part - 1].Layers,
            Outputs = EquatableArray.Create(new GraphOutput(States, states.Id)),
        };
    }

    /// <summary>The rows that keys and values are made of, before they are quantized.</summary>
    private static Node StatesOf(EquatableArray<Node> nodes)
    {
        Node Find(int id) => nodes.First(node => node.Id == id);
        var read = Find(Find(nodes.OfType<KeepNode>().First().Inputs[0]).Inputs[0]);
        return read is QuantizeNode ? Find(read.Inputs[0]) : read;
    }
}
