namespace KernelForge.Graphs;

/// <summary>Builds a graph node by node; every method returns the new node's id.</summary>
internal sealed class GraphBuilder(int width)
{
    private readonly List<Node> _nodes = [];
    private readonly List<GraphPart> _parts = [];
    private readonly int _mainWidth = width;
    private int _width = width;
    private int _part;

    /// <summary>The layer that new nodes belong to.</summary>
    public int Layer { get; set; } = -1;

    /// <summary>Values of a node for each row.</summary>
    public int WidthOf(int node) => _nodes[node].Width;

    /// <summary>Whether a node has one row for each text, not one for each token.</summary>
    public bool IsOfText(int node) => TextRows.Of(_nodes).Contains(node);

    /// <summary>Begins a part beside the one that the graph is built for; what it gives is read in that one, which <see cref="EndPart"/> returns to.</summary>
    public void BeginPart(GraphPart part, int partWidth)
    {
        _parts.Add(part);
        (_part, _width, Layer) = (_parts.Count, partWidth, -1);
    }

    /// <summary>Goes on with part 0.</summary>
    public void EndPart() => (_part, _width, Layer) = (0, _mainWidth, -1);

    public int Input(string name, int inputWidth) => Append(id => new InputNode(id, name, Layer, inputWidth));

    public int Probe(string name, Weight row) => Append(id => new ProbeNode(id, name, Layer, row.Columns, row));

    public int Window(string name, int input, int taps, int stride) =>
        Append(id => new WindowNode(id, name, Layer, taps * _nodes[input].Width, EquatableArray.Create(input), taps, stride));

    public int PixelShuffle(string name, int input, int factor) =>
        Append(id => new PixelShuffleNode(id, name, Layer, factor * factor * _nodes[input].Width, EquatableArray.Create(input), factor));

    public int Fusion(string name, int stream, int features, int token) =>
        Append(id => new FusionNode(id, name, Layer, _width, EquatableArray.Create(stream, features), token));

    public int CrossAttention(Func<int, CrossAttentionNode> make) => Append(make);

    public int Embedding(string name, Weight table, float factor) => Append(id => new EmbeddingNode(id, name, Layer, _width, table, factor));

    public int Position(string name, Weight table) => Append(id => new PositionNode(id, name, Layer, _width, table));

    /// <summary>Positions of rows that are no tokens.</summary>
    public int Position(string name, Weight table, int rows) => Append(id => new PositionNode(id, name, Layer, _width, table, EquatableArray.Create(rows)));

    public int TokenType(string name, Weight table) => Append(id => new TokenTypeNode(id, name, Layer, _width, table));

    public int FirstToken(string name, int input) => Append(id => new FirstTokenNode(id, name, Layer, _nodes[input].Width, EquatableArray.Create(input)));

    public int Norm(string name, int input, Norm norm) =>
        Append(id => new NormNode(id, name, Layer, _nodes[input].Width, EquatableArray.Create(input), norm));

    public int Linear(string name, int input, LinearPart part) =>
        Append(id => new LinearNode(id, name, Layer, part.Matrix.Rows, EquatableArray.Create(input), EquatableArray.Create(part), Interleaved: false));

    public int Attention(Func<int, AttentionNode> make) => Append(make);

    public int LatentAttention(Func<int, LatentAttentionNode> make) => Append(make);

    public int ShortConvolution(string name, int before, int after, int value, Weight taps, Weight? bias) =>
        Append(id => new ShortConvolutionNode(id, name, Layer, _nodes[value].Width, EquatableArray.Create(before, after, value), taps, bias));

    public int Activate(string name, int input, Activation activation) =>
        Append(id => new ActivationNode(id, name, Layer, _nodes[input].Width, EquatableArray.Create(input), activation));

    public int Softcap(string name, int input, float softcap) =>
        Append(id => new SoftcapNode(id, name, Layer, _nodes[input].Width, EquatableArray.Create(input), softcap));

    public int Gate(string name, int gate, int up, Activation activation) =>
        Append(id => new GateNode(id, name, Layer, _nodes[gate].Width, EquatableArray.Create(gate, up), activation));

    public int Mixture(string name, int input, int logits, Routing routing, EquatableArray<Expert> experts, Activation activation, ClampedUnit? clamp) =>
        Append(id => new MixtureNode(id, name, Layer, _width, EquatableArray.Create(input, logits), routing, experts, activation, Clamp: clamp));

    public int RowGate(string name, int value, int gate) =>
        Append(id => new RowGateNode(id, name, Layer, _nodes[value].Width, EquatableArray.Create(value, gate)));

    public int Add(string name, int stream, int added, float factor = 1, Weight? gate = null) =>
        Append(id => new AddNode(id, name, Layer, _nodes[stream].Width, EquatableArray.Create(stream, added), factor, gate));

    public ModelGraph Build(string architecture, int vocabulary, int context, int layers, EquatableArray<RotaryTable> rotaries) =>
        new(architecture, vocabulary, _mainWidth, context, layers, rotaries, _nodes.ToEquatableArray()) { Parts = _parts.ToEquatableArray() };

    private int Append(Func<int, Node> make)
    {
        _nodes.Add(make(_nodes.Count) with { Part = _part });
        return _nodes.Count - 1;
    }
}
