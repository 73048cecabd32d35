using KernelForge.Plans;

namespace KernelForge.Graphs;

/// <summary>A transformer: what it computes, without saying how. Immutable, compared by value; holds no weights.</summary>
/// <param name="Architecture">The architecture that built it.</param>
/// <param name="Vocabulary">Number of token ids.</param>
/// <param name="Width">Length of the residual stream of one token.</param>
/// <param name="Context">The longest sequence the model was made for, in tokens.</param>
/// <param name="Layers">Number of transformer layers.</param>
/// <param name="Rotaries">The rotary tables that nodes refer to by index.</param>
/// <param name="Nodes">In an order in which every input stands before its use; the last one gives the logits.</param>
public sealed record ModelGraph(
    string Architecture,
    int Vocabulary,
    int Width,
    int Context,
    int Layers,
    EquatableArray<RotaryTable> Rotaries,
    EquatableArray<Node> Nodes);

/// <summary>A weight that a node reads: a matrix [rows, columns], or a vector [1, columns].</summary>
public sealed record Weight(string Tensor, WeightType Type, int Rows, int Columns);

/// <summary>One operation. Its value is [tokens, <see cref="Width"/>].</summary>
/// <param name="Id">Unique; inputs refer to it.</param>
/// <param name="Name">From the model, in words a person would use (<c>AttentionNorm</c>).</param>
/// <param name="Layer">The layer it belongs to, or -1.</param>
/// <param name="Width">Values for each token.</param>
/// <param name="Inputs">Ids of the nodes it reads.</param>
public abstract record Node(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs);

/// <summary>Looks a token up in a table [vocabulary, width].</summary>
public sealed record EmbeddingNode(int Id, string Name, int Layer, int Width, Weight Table)
    : Node(Id, Name, Layer, Width, default);

/// <summary>Root mean square norm (Zhang and Sennrich, 2019): x / sqrt(mean(x^2) + epsilon) * weight.</summary>
public sealed record RmsNormNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Weight Scale, float Epsilon)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>One or several matrices over one input: y = x W^T + b, the parts' rows one after another or interleaved by 16.</summary>
public sealed record LinearNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, EquatableArray<LinearPart> Parts, bool Interleaved)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>One matrix of a <see cref="LinearNode"/>.</summary>
/// <param name="Name">E.g. <c>Query</c>.</param>
/// <param name="Matrix">[rows, columns].</param>
/// <param name="Bias">[1, rows], or null.</param>
/// <param name="Order">How the packer orders the rows.</param>
/// <param name="HeadSize">Rows of one head where the order works by head, otherwise 0.</param>
public sealed record LinearPart(string Name, Weight Matrix, Weight? Bias, RowOrder Order, int HeadSize);

/// <summary>The order of a matrix's rows in the packed file.</summary>
public enum RowOrder
{
    /// <summary>As in the source file.</summary>
    AsStored,

    /// <summary>The halves of each head (i, i + size/2) become neighbours (2i, 2i + 1), so that a rotary pair lies in one place.</summary>
    RotaryPairs,
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
/// <param name="AdjacentPairs">Rotary pairs are neighbours (2i, 2i + 1); otherwise halves (i, i + size/2).</param>
public sealed record AttentionNode(
    int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs,
    int Heads, int KeyValueHeads, int HeadSize, float Scale, int Window, int Rotary, bool AdjacentPairs)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>activation(gate) * up. Inputs: gate and up, or one node that holds both interleaved by 16.</summary>
public sealed record GateNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Activation Activation)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>The sum of two inputs: the residual stream, then what is added to it.</summary>
public sealed record AddNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>Rounds each value to INT8 or INT12 per 32 values (docs/numerics.md). Inserted by a pass; a float interpreter passes its input on.</summary>
public sealed record QuantizeNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, ActivationFormat Format)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>Element-wise functions.</summary>
public enum Activation
{
    /// <summary>x * sigmoid(x).</summary>
    Silu,
}
