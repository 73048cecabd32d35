using System.Globalization;
using KernelForge.Graphs;

namespace KernelForge.Passes;

/// <summary>
/// Takes what cross-attention makes of another part's rows out of it: keys and values become nodes of those rows, where they are computed once, however
/// many queries follow.
/// </summary>
internal static class KeepStates
{
    public static ModelGraph Run(ModelGraph graph)
    {
        var crosses = graph.Nodes.OfType<CrossAttentionNode>().ToLookup(cross => cross.Inputs[1]);
        var (next, slot) = (graph.Nodes.Max(node => node.Id) + 1, 0);
        var kept = new Dictionary<int, KeepNode>();
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            nodes.Add(node is CrossAttentionNode cross ? Attention(cross, Queries(cross), kept[cross.Id]) : node);
            foreach (var reader in crosses[node.Id])
                Keep(node, reader);
        }

        return graph with { Nodes = nodes.ToEquatableArray() };

        void Keep(Node states, CrossAttentionNode cross)
        {
            var inputs = new[] { cross.Keys, cross.Values }.Select(part => Add(new LinearNode(
                next++, part.Name, -1, part.Matrix.Rows, EquatableArray.Create(states.Id), EquatableArray.Create(part), Interleaved: false)
            { Part = states.Part })).ToEquatableArray();
            kept[cross.Id] = new KeepNode(
                next++, "Keep" + slot.ToString(CultureInfo.InvariantCulture), -1, 2 * cross.KeyValueHeads * cross.HeadSize, inputs, slot, cross.KeyValueHeads, cross.HeadSize,
                cross.HeadNorms)
            { Part = states.Part };
            nodes.Add(kept[cross.Id]);
            slot++;
        }

        int Queries(CrossAttentionNode cross) => cross.HeadNorms is not { } norms ? cross.Inputs[0] : Add(new HeadNormNode(
            next++, cross.Name + "QueryNorm", cross.Layer, cross.Width, EquatableArray.Create(cross.Inputs[0]), norms.Query, norms.Whole ? cross.Width : cross.HeadSize)
        { Part = cross.Part });

        int Add(Node node)
        {
            nodes.Add(node);
            return node.Id;
        }
    }

    private static KeptAttentionNode Attention(CrossAttentionNode cross, int queries, KeepNode keep) =>
        new(cross.Id, cross.Name, cross.Layer, cross.Width, EquatableArray.Create(queries, keep.Id), keep.Slot, cross.Heads, cross.HeadSize, cross.Scale) { Part = cross.Part };
}
