using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>
/// A transformer as its author describes it (docs/graph-language.md): what architectures make of a model's hyper-parameters, what a
/// <c>[TransformerGraph]</c> says in C#, and what <c>kforge inspect --graph</c> prints. Sizes are said here; tensors are found by their names.
/// </summary>
/// <param name="Vocabulary">Number of token ids.</param>
/// <param name="Width">Length of the residual stream of one token.</param>
/// <param name="Context">The longest sequence, in tokens.</param>
/// <param name="Parts">What happens to a token's row, one after another.</param>
public sealed record GraphDeclaration(int Vocabulary, int Width, int Context, EquatableArray<Part> Parts)
{
    /// <summary>Name of the architecture; null: as the weights say.</summary>
    public string? Architecture { get; init; }

    /// <summary>Whether it gives states; otherwise logits.</summary>
    public bool IsEncoder { get; init; }

    /// <summary>Factor of the embedding.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>Ids beyond the vocabulary that a text may hold and no logit stands for.</summary>
    public int ExtraIds { get; init; }

    /// <summary>Rows that a caller gives and that cross-attention reads, or null.</summary>
    public GraphInput.Rows? States { get; init; }

    /// <summary>What the weights call their tensors.</summary>
    public TensorScheme Tensors { get; init; } = new(null, default);

    /// <summary>All parts, a part before those inside it: a part's place in this order is how problems name it.</summary>
    public IEnumerable<Part> AllParts() => Parts.SelectMany(WithInner);

    private static IEnumerable<Part> WithInner(Part part) => part.Inner.SelectMany(WithInner).Prepend(part);
}

/// <summary>One operation of a declaration. Each kind is a file that says how it becomes nodes and how it is printed.</summary>
public abstract record Part
{
    /// <summary>The parts of its branches.</summary>
    internal virtual IEnumerable<Part> Inner => [];

    /// <summary>Appends its nodes to a graph and returns the node that holds the result.</summary>
    internal abstract int Build(DeclarationBuilder builder, int x);

    /// <summary>Prints its call.</summary>
    internal abstract void Print(CallPrinter printer);
}

/// <summary>What kind of part a branch is about: it names the norms and the sum around it.</summary>
internal interface IMixesTokens;

/// <summary>Rotary positions of an attention.</summary>
/// <param name="Theta">The base.</param>
/// <param name="Scaling">How frequencies change for long contexts.</param>
/// <param name="Rotated">Values of a head that are rotated; null: all.</param>
/// <param name="AreNeighbours">Pairs are neighbours (2i, 2i + 1); otherwise halves (i, i + pairs).</param>
public sealed record Rope(double Theta, RotaryScaling Scaling, int? Rotated = null, bool AreNeighbours = false);

/// <summary>Names of tensors: a scheme and what differs from it.</summary>
/// <param name="Base">A name of <see cref="Architectures.TensorSchemes"/>; null: that of the weights' own architecture.</param>
/// <param name="Changes">Slots and their names, e.g. <c>Query</c> and <c>attn.q</c>.</param>
public sealed record TensorScheme(string? Base, EquatableArray<TensorChange> Changes);

/// <summary>A slot's other name.</summary>
public sealed record TensorChange(string Slot, string Name);
