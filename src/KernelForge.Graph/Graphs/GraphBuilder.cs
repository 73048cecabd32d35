namespace KernelForge.Graphs;

/// <summary>Builds a graph node by node; every method returns the new node's id.</summary>
internal sealed class GraphBuilder(int width)
{
    private readonly List<Node> _nodes = [];

    /// <summary>The layer that new nodes belong to.</summary>
    public int Layer { get; set; } = -1;

    public int Embedding(string name, Weight table) => Append(id => new EmbeddingNode(id, name, Layer, width, table));

    public int RmsNorm(string name, int input, Weight scale, float epsilon) =>
        Append(id => new RmsNormNode(id, name, Layer, _nodes[input].Width, EquatableArray.Create(input), scale, epsilon));

    public int Linear(string name, int input, LinearPart part) =>
        Append(id => new LinearNode(id, name, Layer, part.Matrix.Rows, EquatableArray.Create(input), EquatableArray.Create(part), Interleaved: false));

    public int Attention(string name, EquatableArray<int> inputs, int heads, int keyValueHeads, int headSize, int window, bool adjacentPairs) =>
        Append(id => new AttentionNode(
            id, name, Layer, heads * headSize, inputs, heads, keyValueHeads, headSize, (float)(1 / Math.Sqrt(headSize)), window, Rotary: 0, adjacentPairs));

    public int Gate(string name, int gate, int up, Activation activation) =>
        Append(id => new GateNode(id, name, Layer, _nodes[gate].Width, EquatableArray.Create(gate, up), activation));

    public int Add(string name, int stream, int added) =>
        Append(id => new AddNode(id, name, Layer, _nodes[stream].Width, EquatableArray.Create(stream, added)));

    public ModelGraph Build(string architecture, int vocabulary, int context, int layers, RotaryTable rotary) =>
        new(architecture, vocabulary, width, context, layers, EquatableArray.Create(rotary), _nodes.ToEquatableArray());

    private int Append(Func<int, Node> make)
    {
        _nodes.Add(make(_nodes.Count));
        return _nodes.Count - 1;
    }
}
