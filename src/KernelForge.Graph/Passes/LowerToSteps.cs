using KernelForge.Graphs;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Turns nodes into steps over buffers and packed tensors: one call for the embedding, one for each layer, one for the head, each with a kind
/// and a block of its own. Buffers are named after what they hold, so equal layers use the same ones. Offsets come later.
/// </summary>
internal static class LowerToSteps
{
    public static Plan Run(ModelGraph graph, PlanOptions options, SourceIdentity source)
    {
        var buffers = new BufferTable();
        var lowering = new Lowering(graph, buffers);
        var start = lowering.Start();
        var layers = new List<Section>();
        for (var layer = 0; layer < graph.Layers; layer++)
            layers.Add(lowering.Layer(layer));
        var ends = lowering.Ends();

        lowering.Embed(start, ends[0]);
        var sections = new List<Section> { start };
        sections.AddRange(layers);
        sections.AddRange(ends);
        var owners = sections.Where(section => section.Tensors.Count > 0).ToList();
        return new Plan(
            graph.Architecture,
            source,
            graph.Vocabulary,
            graph.Width,
            graph.Context,
            options.Activations,
            Cache(graph, options.Cache),
            graph.Rotaries,
            owners.Select(section => new WeightBlock(section.Name, 0, 0, section.Tensors.ToEquatableArray())).ToEquatableArray(),
            buffers.ToEquatableArray(),
            sections.Select(section => new StepKind(section.Name, section.Steps.ToEquatableArray())).ToEquatableArray(),
            sections.Select((section, i) => new Call(i, section.Tensors.Count > 0 ? owners.IndexOf(section) : owners.Count - 1, section.CacheLayer))
                .ToEquatableArray())
        {
            Input = graph.Input,
            Kept = Kept(graph),
            Outputs = Outputs(graph).ToEquatableArray(),
        };
    }

    private static IEnumerable<PlanOutput> Outputs(ModelGraph graph)
    {
        var pooled = TextRows.Of(graph.Nodes);
        return graph.Outputs.Select(output => new PlanOutput(output.Name, graph.Nodes.First(node => node.Id == output.Node).Width, pooled.Contains(output.Node)));
    }

    private static CacheShape? Kept(ModelGraph graph)
    {
        var keeps = graph.Nodes.OfType<KeepNode>().ToList();
        return keeps.Count == 0 ? null : new CacheShape(keeps.Count, keeps[0].KeyValueHeads, keeps[0].HeadSize, CacheFormat.F32);
    }

    private static CacheShape Cache(ModelGraph graph, CacheFormat format)
    {
        if (graph.Nodes.OfType<LatentAttentionNode>().FirstOrDefault() is { } latent)
            return new CacheShape(graph.Layers, 1, latent.Keys.Matrix.Columns, format, latent.RotatedSize);
        var attention = graph.Nodes.OfType<AttentionNode>().FirstOrDefault();

        // Of an encoder the keys and values of one layer are there at a time, so they need not be small.
        if (graph.Outputs.Count > 0 && attention is not null)
            return new CacheShape(1, attention.KeyValueHeads, attention.HeadSize, CacheFormat.F32);
        var convolutions = graph.Nodes.OfType<ShortConvolutionNode>().ToList();
        return new CacheShape(
            graph.Layers - convolutions.Count, attention?.KeyValueHeads ?? 0, attention?.HeadSize ?? 0, format,
            Convolutions: convolutions.Count, ConvolutionWidth: convolutions.FirstOrDefault()?.Width ?? 0);
    }
}
