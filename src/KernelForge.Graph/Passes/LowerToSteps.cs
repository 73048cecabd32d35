using KernelForge.Graphs;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Turns nodes into steps over buffers and packed tensors: one call for the embedding, one for each layer, one for the head, each with a kind
/// and a block of its own; the same for each part beside the one that gives logits. Buffers are named after what they hold, so equal layers use the same ones. Offsets come later.
/// </summary>
internal static class LowerToSteps
{
    public static Plan Run(ModelGraph graph, PlanOptions options, SourceIdentity source)
    {
        var main = new LoweredPart(PartGraphs.Of(graph, 0), null);
        var parts = graph.Parts.Select((part, i) => new LoweredPart(PartGraphs.Of(graph, i + 1), part.Name)).ToList();
        main.PlaceTable([main.Ends[0]]);
        foreach (var part in parts)
            part.PlaceTable(main.Sections);
        var sections = main.Sections.Concat(parts.SelectMany(part => part.Sections)).ToList();
        var blocks = sections.FindAll(section => section.Tensors.Count > 0);
        return new Plan(
            graph.Architecture,
            source,
            graph.Vocabulary,
            graph.Width,
            graph.Context,
            options.Activations,
            Cache(main, options.Cache),
            graph.Rotaries,
            blocks.Select(section => new WeightBlock(NameOf(section), 0, 0, section.Tensors.ToEquatableArray())).ToEquatableArray(),
            main.Buffers.ToEquatableArray(),
            Kinds(main, blocks),
            Calls(main, blocks))
        {
            Input = graph.Input,
            Kept = Kept(graph, options.Cache),
            Outputs = Outputs(main.Graph),
            Parts = parts.Select(part => new PlanPart(
                part.Name!, part.Graph.Input, part.Graph.Width, part.Graph.Context, Cache(part, options.Cache), part.Buffers.ToEquatableArray(), Kinds(part, blocks), Calls(part, blocks),
                Outputs(part.Graph))).ToEquatableArray(),
        };

        string NameOf(Section section) => parts.Find(part => part.Sections.Contains(section)) is { } part ? $"{part.Name} {section.Name}" : section.Name;
    }

    private static EquatableArray<StepKind> Kinds(LoweredPart part, List<Section> blocks)
    {
        part.Embed(blocks);
        return part.Sections.Select(section => new StepKind(section.Name, section.Steps.ToEquatableArray())).ToEquatableArray();
    }

    private static EquatableArray<Call> Calls(LoweredPart part, List<Section> blocks) =>
        part.Sections.Select((section, i) => new Call(i, part.BlockOf(section, blocks), section.CacheLayer)).ToEquatableArray();

    private static EquatableArray<PlanOutput> Outputs(ModelGraph graph)
    {
        var pooled = TextRows.Of(graph.Nodes);
        return graph.Outputs.Select(output => new PlanOutput(output.Name, graph.Nodes.First(node => node.Id == output.Node).Width, pooled.Contains(output.Node))).ToEquatableArray();
    }

    private static CacheShape? Kept(ModelGraph graph, CacheFormat format)
    {
        var keeps = graph.Nodes.OfType<KeepNode>().ToList();
        return keeps.Count == 0 ? null : new CacheShape(keeps.Count, keeps[0].KeyValueHeads, keeps[0].HeadSize, graph.Outputs.Count > 0 ? CacheFormat.F32 : format);
    }

    private static CacheShape Cache(LoweredPart part, CacheFormat format)
    {
        var graph = part.Graph;
        if (graph.Nodes.OfType<LatentAttentionNode>().FirstOrDefault() is { } latent)
            return new CacheShape(part.AttendingLayers, 1, latent.Keys.Matrix.Columns, format, latent.RotatedSize);
        var attention = graph.Nodes.OfType<AttentionNode>().FirstOrDefault();

        // Of an encoder the keys and values of one layer are there at a time, so they need not be small.
        if (graph.Outputs.Count > 0)
            return new CacheShape(attention is null ? 0 : 1, attention?.KeyValueHeads ?? 0, attention?.HeadSize ?? 0, CacheFormat.F32);
        var convolutions = graph.Nodes.OfType<ShortConvolutionNode>().ToList();
        return new CacheShape(
            part.AttendingLayers, attention?.KeyValueHeads ?? 0, attention?.HeadSize ?? 0, format,
            Convolutions: convolutions.Count, ConvolutionWidth: convolutions.FirstOrDefault()?.Width ?? 0);
    }
}
