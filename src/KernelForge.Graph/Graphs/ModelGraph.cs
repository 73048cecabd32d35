using KernelForge.Plans;

namespace KernelForge.Graphs;

/// <summary>A transformer: what it computes, without saying how. Immutable, compared by value; holds no weights.</summary>
/// <param name="Architecture">The architecture that built it.</param>
/// <param name="Vocabulary">Number of token ids.</param>
/// <param name="Width">Length of the residual stream of one token.</param>
/// <param name="Context">The longest sequence the model was made for, in tokens.</param>
/// <param name="Layers">Number of transformer layers.</param>
/// <param name="Rotaries">The rotary tables that nodes refer to by index.</param>
/// <param name="Nodes">In an order in which every input stands before its use; the last one of a decoder gives the logits.</param>
public sealed record ModelGraph(
    string Architecture,
    int Vocabulary,
    int Width,
    int Context,
    int Layers,
    EquatableArray<RotaryTable> Rotaries,
    EquatableArray<Node> Nodes)
{
    /// <summary>What an encoder gives, by the names that its authors use; empty for a decoder.</summary>
    public EquatableArray<GraphOutput> Outputs { get; init; }

    /// <summary>How an encoder's authors make one vector of a text; null where they do not say.</summary>
    public TextVector? Vector { get; init; }

    /// <summary>What a caller gives part 0, which the other members describe.</summary>
    public GraphInput Input { get; init; } = new GraphInput.Tokens("input_ids", Context);

    /// <summary>The parts from 1 on. Their nodes stand before those of part 0.</summary>
    public EquatableArray<GraphPart> Parts { get; init; }

    /// <summary>What a caller gives a part.</summary>
    public GraphInput InputOf(int part) => part == 0 ? Input : Parts[part - 1].Input;

    /// <summary>Whether a caller may give a part nothing: the layers that read it read nothing else and are passed over.</summary>
    public bool IsOptional(int part)
    {
        var readers = Nodes.Where(node => node is CrossAttentionNode cross && Nodes.First(read => read.Id == cross.Inputs[1]).Part == part).Select(node => node.Layer).ToList();
        return readers.Count > 0 && !Nodes.Any(node => node is (AttentionNode or LatentAttentionNode or ShortConvolutionNode) && node.Part == 0 && readers.Contains(node.Layer));
    }
}

/// <summary>A value that leaves an encoder.</summary>
/// <param name="Name">E.g. <c>last_hidden_state</c>.</param>
/// <param name="Node">Id of the node whose value it is.</param>
public sealed record GraphOutput(string Name, int Node);

/// <summary>A weight that a node reads: a matrix [rows, columns], or a vector [1, columns].</summary>
/// <param name="Tensor">The tensor that holds it; empty for a vector of zeros before <paramref name="Offset"/>.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Values of a row.</param>
/// <param name="View">Where it lies in a tensor that holds more, or holds it otherwise; null: it is the tensor.</param>
/// <param name="Offset">Added to every value of a vector in binary32, before <paramref name="Factor"/> (Gemma stores a norm's scales less 1).</param>
/// <param name="Factor">Multiplies every value of a vector in binary32.</param>
public sealed record Weight(string Tensor, WeightType Type, int Rows, int Columns, TensorView? View = null, float Offset = 0, float Factor = 1);

/// <summary>
/// Rows of a tensor in steps of values: row r begins at <paramref name="Start"/> + r / <paramref name="Group"/> * <paramref name="GroupStride"/> +
/// r % <paramref name="Group"/> * <paramref name="RowStride"/>, and its values lie <paramref name="ColumnStride"/> apart. So a query inside a fused
/// matrix, the queries of heads that lie between keys and values, an expert and a transposed matrix are all views.
/// </summary>
/// <param name="Start">Of the first row.</param>
/// <param name="Group">Rows that lie evenly.</param>
/// <param name="GroupStride">From one group to the next.</param>
/// <param name="RowStride">From one row of a group to the next.</param>
/// <param name="ColumnStride">1, unless the matrix is stored transposed.</param>
public sealed record TensorView(long Start, int Group, long GroupStride, long RowStride, long ColumnStride)
{
    /// <summary>Consecutive rows of a matrix.</summary>
    public static TensorView Rows(long first, int columns) => new(first * columns, 1, columns, columns, 1);

    /// <summary>Where a row begins.</summary>
    public long RowStart(int row) => Start + (row / Group * GroupStride) + (row % Group * RowStride);
}

/// <summary>One operation. Its value is [tokens, <see cref="Width"/>].</summary>
/// <param name="Id">Unique; inputs refer to it.</param>
/// <param name="Name">From the model, in words a person would use (<c>AttentionNorm</c>).</param>
/// <param name="Layer">The layer it belongs to, or -1.</param>
/// <param name="Width">Values for each token.</param>
/// <param name="Inputs">Ids of the nodes it reads.</param>
public abstract record Node(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs)
{
    /// <summary>The part whose rows it computes: 0, or one more than an index into <see cref="ModelGraph.Parts"/>.</summary>
    public int Part { get; init; }
}

/// <summary>Looks a token up in a table [vocabulary, width] and multiplies it by a factor.</summary>
public sealed record EmbeddingNode(int Id, string Name, int Layer, int Width, Weight Table, float Factor = 1)
    : Node(Id, Name, Layer, Width, default);

/// <summary>Looks the row's position up in a table [context, width]. Input: whose rows they are; none: the tokens.</summary>
public sealed record PositionNode(int Id, string Name, int Layer, int Width, Weight Table, EquatableArray<int> Inputs = default)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>Looks the token's type up in a table [types, width]: 0, unless a text consists of several.</summary>
public sealed record TokenTypeNode(int Id, string Name, int Layer, int Width, Weight Table)
    : Node(Id, Name, Layer, Width, default);

/// <summary>The first token's row only.</summary>
public sealed record FirstTokenNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>A norm of each token's row.</summary>
public sealed record NormNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Norm Norm)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>How a row is normalized.</summary>
/// <param name="Kind">Which moments.</param>
/// <param name="Scale">[1, width], or null: 1.</param>
/// <param name="Shift">[1, width], added at the end; or null.</param>
/// <param name="Epsilon">Added to the mean square.</param>
public sealed record Norm(NormKind Kind, Weight? Scale, Weight? Shift, float Epsilon);

/// <summary>Published norms.</summary>
public enum NormKind
{
    /// <summary>Root mean square norm (Zhang and Sennrich, 2019): x / sqrt(mean(x^2) + epsilon) * scale.</summary>
    Rms,

    /// <summary>Layer norm (Ba et al., 2016): the mean is taken off first, and a shift may be added.</summary>
    Layer,
}

/// <summary>One or several matrices over one input: y = x W^T + b, the parts' rows one after another or interleaved by 16.</summary>
public sealed record LinearNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, EquatableArray<LinearPart> Parts, bool Interleaved)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>One matrix of a <see cref="LinearNode"/>.</summary>
/// <param name="Name">E.g. <c>Query</c>.</param>
/// <param name="Matrix">[rows, columns].</param>
/// <param name="Bias">[1, rows], or null.</param>
/// <param name="Order">How the packer orders the rows.</param>
public sealed record LinearPart(string Name, Weight Matrix, Weight? Bias, RowOrder Order = default);

/// <summary>
/// The order of a matrix's rows in the packed file. With <paramref name="Pairs"/> above 0 the rotated halves of each head (i, i + pairs) become
/// neighbours (2i, 2i + 1), so that a rotary pair lies in one place; what is not rotated stays. Otherwise rows stay as they are stored.
/// </summary>
/// <param name="HeadSize">Rows of a head, or 0.</param>
/// <param name="Pairs">Rotated pairs of a head, or 0.</param>
/// <param name="First">Rows of a head before the rotated ones.</param>
public readonly record struct RowOrder(int HeadSize, int Pairs, int First = 0)
{
    /// <summary>As in the source file.</summary>
    public static RowOrder AsStored => default;

    /// <summary>The source's row that comes to <paramref name="row"/>.</summary>
    public int Source(int row)
    {
        if (Pairs == 0)
            return row;
        var within = (row % HeadSize) - First;
        return within < 0 || within >= 2 * Pairs ? row : row - within + (within / 2) + (within % 2 * Pairs);
    }
}

/// <summary>
/// Rotates query and key heads (Su et al., 2021) and lets each query head attend to the keys and values of its own sequence so far.
/// Inputs: queries [tokens, heads * headSize], keys and values [tokens, keyValueHeads * headSize]. The new keys and values join the cache.
/// </summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">heads * headSize.</param>
/// <param name="Inputs">Query, key, value; or one node that holds all three, one after another.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadSize">Values of a head.</param>
/// <param name="Scale">Factor of the scores, usually 1/sqrt(headSize).</param>
/// <param name="Window">A token sees itself and the window - 1 tokens before it; 0: all before it.</param>
/// <param name="Rotary">Index of the rotary table, or -1.</param>
/// <param name="AdjacentPairs">Rotary pairs are neighbours (2i, 2i + 1); otherwise halves (i, i + pairs).</param>
/// <param name="HeadNorms">Norms of queries and keys, or null.</param>
/// <param name="Softcap">Scores become softcap * tanh(score / softcap); 0: they stay.</param>
/// <param name="Sinks">[1, heads]: a score of each head that joins the softmax without a value (Xiao et al., 2023); or null.</param>
/// <param name="Chunk">A token sees those of its own chunk of so many tokens only; 0: all before it.</param>
/// <param name="Temperature">Of the queries, or null.</param>
/// <param name="IsBidirectional">A token sees those after it too; of a window, as many as before it.</param>
/// <param name="Bias">Added to the scores, or null.</param>
public sealed record AttentionNode(
    int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs,
    int Heads, int KeyValueHeads, int HeadSize, float Scale, int Window, int Rotary, bool AdjacentPairs, HeadNorms? HeadNorms = null, float Softcap = 0,
    Weight? Sinks = null, int Chunk = 0, QueryTemperature? Temperature = null, bool IsBidirectional = false, RelativeBias? Bias = null)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>Queries of later positions grow (Nakanishi, 2025): by 1 + <paramref name="Scale"/> * log(1 + floor((position + 1) / <paramref name="Floor"/>)).</summary>
/// <param name="Scale">Of the logarithm.</param>
/// <param name="Floor">Tokens of a step.</param>
public sealed record QueryTemperature(double Scale, double Floor);

/// <summary>Norms of queries and keys before they meet.</summary>
/// <param name="Query">Scale and shift are as long as a head (shared by all), or as all query heads together.</param>
/// <param name="Key">The same for key heads.</param>
/// <param name="Whole">The moments are those of all heads together; otherwise of each head.</param>
/// <param name="AfterRotary">They follow the rotation; otherwise they precede it.</param>
/// <param name="Order">How scale and shift are ordered in the packed file: as the rows of the matrices that they follow.</param>
public sealed record HeadNorms(Norm Query, Norm Key, bool Whole, bool AfterRotary, RowOrder Order = default);

/// <summary>activation(x), value by value.</summary>
public sealed record ActivationNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Activation Activation)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>softcap * tanh(x / softcap), value by value: keeps logits in bounds. Follows the head and nothing else.</summary>
public sealed record SoftcapNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, float Softcap)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>activation(gate) * up. Inputs: gate and up, or one node that holds both interleaved by 16.</summary>
public sealed record GateNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Activation Activation)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>stream + factor * added, times tanh(gate) where there is one ([1, 1]). Inputs: the residual stream, then what is added to it.</summary>
public sealed record AddNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, float Factor = 1, Weight? Gate = null)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>Rounds each value to INT8 or INT12 per 32 values (docs/numerics.md). Inserted by a pass; a float interpreter passes its input on.</summary>
public sealed record QuantizeNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, ActivationFormat Format)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>Element-wise functions.</summary>
public enum Activation
{
    /// <summary>x * sigmoid(x).</summary>
    Silu,

    /// <summary>x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel, 2016).</summary>
    Gelu,

    /// <summary>The same with tanh in place of erf: x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 x^3)).</summary>
    GeluTanh,

    /// <summary>x * sigmoid(1.702 x).</summary>
    QuickGelu,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>max(x, 0)^2 (So et al., 2021).</summary>
    SquaredRelu,

    /// <summary>tanh(x).</summary>
    Tanh,
}
