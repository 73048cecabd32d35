namespace KernelForge.Graphs;

/// <summary>Nodes over rows of their own: an encoder beside the decoder that reads it. Its nodes have its number in <see cref="Node.Part"/>.</summary>
/// <param name="Name">In words a person would use (<c>encoder</c>).</param>
/// <param name="Input">What a caller gives.</param>
/// <param name="Layers">Number of layers.</param>
public sealed record GraphPart(string Name, GraphInput Input, int Layers);

/// <summary>What a caller gives a model.</summary>
/// <param name="Name">As its authors name it (<c>input_ids</c>).</param>
/// <param name="Most">Rows at most.</param>
public abstract record GraphInput(string Name, int Most)
{
    /// <summary>Token ids.</summary>
    public sealed record Tokens(string Name, int Most) : GraphInput(Name, Most);

    /// <summary>Numbers [rows, <paramref name="Width"/>], such as the states of an encoder that another program runs.</summary>
    public sealed record Rows(string Name, int Most, int Width) : GraphInput(Name, Most);

    /// <summary>Numbers [<paramref name="Width"/>, rows], such as the bands of a spectrogram over time: exactly as many rows as <paramref name="Most"/>.</summary>
    public sealed record Bands(string Name, int Most, int Width) : GraphInput(Name, Most);

    /// <summary>
    /// Pixels [<paramref name="Channels"/>, height, width] of an image whose sides are <paramref name="Side"/> patches. A row is a patch, line by line; its
    /// values are [channel][y][x].
    /// </summary>
    public sealed record Patches(string Name, int Channels, int Side, int Patch) : GraphInput(Name, Side * Side)
    {
        /// <summary>Values of a row.</summary>
        public int Width => Channels * Patch * Patch;
    }
}

/// <summary>The rows that a caller gives the node's part.</summary>
public sealed record InputNode(int Id, string Name, int Layer, int Width) : Node(Id, Name, Layer, Width, default);

/// <summary>One row that the model has learned: what a pooling head asks with.</summary>
public sealed record ProbeNode(int Id, string Name, int Layer, int Width, Weight Row) : Node(Id, Name, Layer, Width, default);

/// <summary>
/// Every <paramref name="Stride"/>-th row with its neighbours, for a convolution over rows, whose matrix follows: row r holds, value by value, the input's
/// rows from r * stride - <paramref name="Taps"/> / 2 on ([width][taps]). Beyond the ends are zeros.
/// </summary>
public sealed record WindowNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, int Taps, int Stride)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>
/// The rows of a square image in squares of <paramref name="Factor"/>, each of which becomes one row, line by line (pixel shuffle, Shi et al., 2016): fewer
/// rows, with factor^2 times the values.
/// </summary>
public sealed record PixelShuffleNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, int Factor)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>
/// Puts what another part gives in place of the rows of placeholder tokens, in their order. Inputs: the embedding, then as many rows as the text has
/// tokens <paramref name="Token"/>.
/// </summary>
public sealed record FusionNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, int Token)
    : Node(Id, Name, Layer, Width, Inputs);
