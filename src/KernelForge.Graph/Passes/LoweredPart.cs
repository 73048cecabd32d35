using KernelForge.Graphs;

namespace KernelForge.Passes;

/// <summary>The sections and buffers of one part of a graph.</summary>
internal sealed class LoweredPart
{
    private readonly Lowering _lowering;
    private readonly Section _start;
    private (Section Section, int Tensor)? _table;

    public LoweredPart(ModelGraph graph, string? name)
    {
        (Graph, Name) = (graph, name);
        _lowering = new Lowering(graph, Buffers);
        _start = _lowering.Start();
        var layers = Enumerable.Range(0, graph.Layers).Select(_lowering.Layer).ToList();
        Ends = _lowering.Ends();
        Sections = [_start, .. layers, .. Ends];
    }

    public ModelGraph Graph { get; }

    /// <summary>Null: the part that gives logits.</summary>
    public string? Name { get; }

    /// <summary>Layers whose keys and values are those of their own tokens.</summary>
    public int AttendingLayers => _lowering.AttendingLayers;

    public BufferTable Buffers { get; } = new();

    /// <summary>In the order of their calls.</summary>
    public List<Section> Sections { get; }

    /// <summary>What follows the layers.</summary>
    public List<Section> Ends { get; }

    /// <summary>Finds the embedding's table in other sections, or puts it at the start.</summary>
    public void PlaceTable(IEnumerable<Section> others) => _table = _lowering.PlaceTable(_start, others);

    /// <summary>Begins with the embedding, once blocks have their numbers.</summary>
    public void Embed(List<Section> blocks)
    {
        if (_table is { } table)
            _lowering.Embed(_start, blocks.IndexOf(table.Section), table.Tensor);
    }

    /// <summary>The block that a section runs on: its own, or the last one of the part.</summary>
    public int BlockOf(Section section, List<Section> blocks) => section.Tensors.Count > 0 ? blocks.IndexOf(section) : blocks.FindLastIndex(Sections.Contains);
}
