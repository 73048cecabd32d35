using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Which buffer holds what a node gives, while nodes are lowered: one named after it, the stream's, or a place among the parts of another's input.</summary>
internal sealed class NodeBuffers
{
    private readonly ModelGraph _graph;
    private readonly BufferTable _buffers;
    private readonly int _residual;
    private readonly int _start;
    private readonly Dictionary<int, int> _rates;
    private readonly int _rate;
    private readonly Dictionary<int, int> _bufferOf = [];
    private readonly Dictionary<int, (int Buffer, int Column)> _placed = [];

    public NodeBuffers(ModelGraph graph, BufferTable buffers)
    {
        (_graph, _buffers) = (graph, buffers);
        _rates = RowRates.Of(graph.Nodes);
        _rate = _rates.Values.Max();
        _residual = buffers.Of("Residual", graph.Width);
        _start = graph.Nodes.OfType<EmbeddingNode>().SingleOrDefault()?.Id ?? graph.Nodes.OfType<AddNode>().FirstOrDefault()?.Inputs[0] ?? graph.Nodes.OfType<InputNode>().Single().Id;
        Bind(_start, _residual);
        foreach (var node in graph.Nodes)
            Place(node);
    }

    /// <summary>The buffer of a node that was lowered.</summary>
    public int this[int node] => _bufferOf[node];

    /// <summary>Says where a node's value is, and answers it.</summary>
    public int Bind(int node, int buffer) => _bufferOf[node] = buffer;

    /// <summary>A buffer of the node's own name, with a row for each that becomes one of the pass's; the stream's for what begins it.</summary>
    public int Output(Node node, ActivationFormat format = ActivationFormat.Float) =>
        Bind(node.Id, node.Id == _start ? _residual : _buffers.Of(node.Name, node.Width, format, _rate / _rates[node.Id]));

    /// <summary>Where a matrix writes: among the parts of what reads it, or into a buffer of its own.</summary>
    public (int Buffer, int Column) Placed(LinearNode linear) => _placed.TryGetValue(linear.Id, out var placed) ? placed : (Output(linear), 0);

    /// <summary>The buffer of all that a node reads, and where in its rows each part begins.</summary>
    public (int Buffer, int[] Columns) Parts(Node node) =>
        (node.Inputs.Count == 1 ? _bufferOf[node.Inputs[0]] : _placed[node.Inputs[0]].Buffer, Columns(node));

    /// <summary>A norm of the stream that nothing else reads becomes the stream, in place.</summary>
    public bool IsStream(NormNode norm) =>
        _bufferOf[norm.Inputs[0]] == _residual && _graph.Nodes.Count(node => node.Inputs.Contains(norm.Inputs[0])) == 1;

    /// <summary>Matrices that could not be fused still write into one buffer, each from a whole block of 32 on.</summary>
    private void Place(Node node)
    {
        if (node is not (AttentionNode or ShortConvolutionNode or KeepNode) || node.Inputs.Count == 1)
            return;
        var columns = Columns(node);
        var buffer = _buffers.Of(node switch { AttentionNode => "QueryKeyValue", KeepNode => "KeyValue", _ => "BeforeAfterValue" }, columns[columns.Length - 1] + Widths(node).Last());
        for (var i = 0; i < columns.Length; i++)
            _placed[node.Inputs[i]] = (buffer, columns[i]);
    }

    private static int[] Columns(Node node)
    {
        var alignment = node.Inputs.Count == 1 ? 1 : PackedLayouts.Tile;
        var columns = new List<int>();
        var next = 0L;
        foreach (var width in Widths(node))
        {
            columns.Add((int)next);
            next = PackedLayouts.Align(next + width, alignment);
        }

        return columns.ToArray();
    }

    private static int[] Widths(Node node) => node switch
    {
        AttentionNode attention => [attention.Heads * attention.HeadSize, attention.KeyValueHeads * attention.HeadSize, attention.KeyValueHeads * attention.HeadSize],
        KeepNode => [node.Width / 2, node.Width / 2],
        _ => [node.Width, node.Width, node.Width],
    };
}
