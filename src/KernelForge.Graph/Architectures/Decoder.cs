using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// What distinguishes a decoder from a llama, whose form the defaults are: pre-norm layers of grouped-query attention with rotary positions and a
/// gated feed-forward. An architecture is a function that fills in one of these from a model's hyper-parameters.
/// </summary>
internal sealed record Decoder
{
    /// <summary>What its authors' folders call its tensors.</summary>
    public DecoderTensors FolderTensors { get; init; } = new();

    /// <summary>What GGUF calls them.</summary>
    public DecoderTensors GgufTensors { get; init; } = DecoderTensors.Gguf;

    public NormKind Norm { get; init; } = NormKind.Rms;

    /// <summary>Of the norms where a folder does not name it; null: it must.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Folders store the norms' scales less 1.</summary>
    public bool HasScalesLessOne { get; init; }

    /// <summary>Where norms stand.</summary>
    public LayerForm Form { get; init; } = LayerForm.PreNorm;

    /// <summary>Norms of queries and keys.</summary>
    public HeadNormForm HeadNorms { get; init; } = HeadNormForm.None;

    /// <summary>Which values of a head a rotation pairs.</summary>
    public Pairing Pairing { get; init; } = Pairing.Halves;

    /// <summary>Share of a head that is rotated where the model does not say.</summary>
    public double RotaryShare { get; init; } = 1;

    /// <summary>Learned positions are added to the embedding; nothing is rotated.</summary>
    public bool HasLearnedPositions { get; init; }

    /// <summary>Of the feed-forward; folders name their own.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>The feed-forward is activation(gate) * up; otherwise activation(up).</summary>
    public bool IsGated { get; init; } = true;

    /// <summary>A fused query, key and value alternate head by head.</summary>
    public bool HasQueryKeyValueByHead { get; init; }

    /// <summary>Factor of the embedding.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>Factor of what a layer adds to the stream.</summary>
    public double ResidualScale { get; init; } = 1;

    /// <summary>Factor of the logits.</summary>
    public double LogitScale { get; init; } = 1;

    /// <summary>Bound of the logits, or 0.</summary>
    public double LogitSoftcap { get; init; }

    /// <summary>Factor of the scores; null: 1 / sqrt(head size).</summary>
    public double? AttentionScale { get; init; }

    /// <summary>Bound of the scores, or 0.</summary>
    public double ScoreSoftcap { get; init; }

    /// <summary>Every head has a sink in its softmax.</summary>
    public bool HasSinks { get; init; }

    /// <summary>Of the queries of layers that rotate nothing, or null.</summary>
    public QueryTemperature? Temperature { get; init; }

    /// <summary>Attention over latents in place of grouped-query attention, or null.</summary>
    public Latent? Latent { get; init; }

    /// <summary>Tokens that a short convolution reads, in the layers that have one.</summary>
    public int Taps { get; init; }

    /// <summary>Values between the feed-forward's matrices; null: as all models name them.</summary>
    public int? Hidden { get; init; }

    /// <summary>The rotary tables.</summary>
    public EquatableArray<RotaryKeys> Rotaries { get; init; } = EquatableArray.Create(RotaryKeys.Single);

    /// <summary>What differs between layers.</summary>
    public LayerPattern Layers { get; init; } = new();

    /// <summary>Ids beyond the vocabulary that a text may hold and no logit stands for.</summary>
    public int ExtraIds { get; init; }

    /// <summary>What some layers attend to in place of the text, or null.</summary>
    public CrossStates? Cross { get; init; }

    /// <summary>The mixture of experts in place of the feed-forward, in the layers whose pattern says so; or null.</summary>
    public Mixture? Mixture { get; init; }

    /// <summary>What the tensors of a model are called.</summary>
    public DecoderTensors Tensors(ModelReader model) => model.IsFolder ? FolderTensors : GgufTensors;
}

/// <summary>Rows that a caller gives and that layers of cross-attention read; what such a layer adds to the stream is gated.</summary>
/// <param name="Input">As the authors name them.</param>
/// <param name="Most">Rows at most.</param>
/// <param name="Width">Values of a row.</param>
internal sealed record CrossStates(string Input, int Most, int Width);

/// <summary>Where the norms of a layer stand.</summary>
internal enum LayerForm
{
    /// <summary>Before attention and before the feed-forward.</summary>
    PreNorm,

    /// <summary>After each of them, before it is added.</summary>
    PostNorm,

    /// <summary>Before and after each of them.</summary>
    Sandwich,

    /// <summary>One norm, whose value attention and feed-forward both read; both are added to the same stream.</summary>
    Parallel,

    /// <summary>The same with a norm for each.</summary>
    ParallelNorms,
}

/// <summary>Norms of queries and keys.</summary>
internal enum HeadNormForm
{
    None,

    /// <summary>One norm for all heads, of each head.</summary>
    Shared,

    /// <summary>The same after the rotation.</summary>
    SharedAfterRotary,

    /// <summary>A norm of each head with scales of its own.</summary>
    PerHead,

    /// <summary>A norm of all heads together.</summary>
    Whole,

    /// <summary>A norm of each head without scales after the rotation, in layers that rotate.</summary>
    UnscaledAfterRotary,
}

/// <summary>Which values of a head a rotation pairs.</summary>
internal enum Pairing
{
    /// <summary>i and i + pairs, in files of both kinds.</summary>
    Halves,

    /// <summary>2i and 2i + 1, in files of both kinds.</summary>
    Neighbours,

    /// <summary>Halves in folders; GGUF's converter makes them neighbours.</summary>
    NeighboursInGguf,
}

/// <summary>What differs between the layers of a decoder: an entry for each, or null where all are alike.</summary>
internal sealed record LayerPattern
{
    /// <summary>Tokens that a layer sees; 0: all.</summary>
    public int[]? Windows { get; init; }

    /// <summary>Tokens of a chunk beyond which a layer does not see; 0: all.</summary>
    public int[]? Chunks { get; init; }

    /// <summary>Whether a layer has attention; otherwise a short convolution.</summary>
    public bool[]? HasAttention { get; init; }

    /// <summary>Index of a layer's rotary table, or -1.</summary>
    public int[]? Rotary { get; init; }

    /// <summary>Whether a layer attends to <see cref="Decoder.Cross"/>; null: none does.</summary>
    public bool[]? HasCrossAttention { get; init; }

    /// <summary>Whether a layer has the mixture of experts, in a decoder that has one.</summary>
    public bool[]? HasMixture { get; init; }
}
