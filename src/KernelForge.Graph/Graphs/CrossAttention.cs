namespace KernelForge.Graphs;

/// <summary>
/// Lets each query head attend to all rows of another part, whose keys and values are the same for every token. Inputs: queries
/// [tokens, heads * headSize], and the rows [rows, width] that <paramref name="Keys"/> and <paramref name="Values"/> are projected from.
/// </summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">heads * headSize.</param>
/// <param name="Inputs">Queries, and the other part's rows.</param>
/// <param name="Keys">[keyValueHeads * headSize, width].</param>
/// <param name="Values">[keyValueHeads * headSize, width].</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadSize">Values of a head.</param>
/// <param name="Scale">Factor of the scores.</param>
/// <param name="HeadNorms">Norms of queries and keys, or null.</param>
public sealed record CrossAttentionNode(
    int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs,
    LinearPart Keys, LinearPart Values, int Heads, int KeyValueHeads, int HeadSize, float Scale, HeadNorms? HeadNorms = null)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>
/// Keeps keys and values of a part's rows, for queries of other rows: what <see cref="CrossAttentionNode"/> makes of those rows, once for all queries. Made by a pass.
/// Inputs: keys and values [rows, keyValueHeads * headSize]; or one node that holds both, one after the other.
/// </summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">2 * keyValueHeads * headSize.</param>
/// <param name="Inputs">See above.</param>
/// <param name="Slot">Its place among what is kept.</param>
/// <param name="KeyValueHeads">Key and value heads.</param>
/// <param name="HeadSize">Values of a head.</param>
/// <param name="HeadNorms">Of which the keys are normalized before they are kept, or null.</param>
public sealed record KeepNode(
    int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, int Slot, int KeyValueHeads, int HeadSize, HeadNorms? HeadNorms = null)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>A norm of each head of its input's rows. Made by a pass.</summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">A multiple of <paramref name="HeadSize"/>.</param>
/// <param name="Inputs">Queries [tokens, width], which nothing else reads.</param>
/// <param name="Norm">Its scale and shift are as long as a head (shared by all), or as the row.</param>
/// <param name="HeadSize">Values that are normalized together; the width where all heads are.</param>
public sealed record HeadNormNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Norm Norm, int HeadSize)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>Attention of every row to all that a <see cref="KeepNode"/> keeps. Inputs: queries [tokens, heads * headSize], and that node.</summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">heads * headSize.</param>
/// <param name="Inputs">See above.</param>
/// <param name="Slot">See <see cref="KeepNode"/>.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="HeadSize">Values of a head.</param>
/// <param name="Scale">Factor of the scores.</param>
public sealed record KeptAttentionNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, int Slot, int Heads, int HeadSize, float Scale)
    : Node(Id, Name, Layer, Width, Inputs);
