using KernelForge.Graphs;

namespace KernelForge.Plans;

/// <summary>How a graph is computed: what is packed where, which buffers exist, which steps run in which order. Its hash ties code to weights.</summary>
/// <param name="Architecture">The architecture that built the graph.</param>
/// <param name="Source">The file's name, length and stamp, so that the packer refuses another file.</param>
/// <param name="Vocabulary">Number of token ids.</param>
/// <param name="Width">Length of the residual stream.</param>
/// <param name="Context">Longest sequence, in tokens; also the rows of each rotary table.</param>
/// <param name="Activations">Numbers that meet quantized weights.</param>
/// <param name="Cache">Shape of the key-value cache.</param>
/// <param name="Rotaries">Tables the packer computes.</param>
/// <param name="Blocks">Packed weights in the order they are read: one block per call, except that a tied embedding reads the head's.</param>
/// <param name="Buffers">Activation buffers in the workspace.</param>
/// <param name="Kinds">Distinct sequences of steps; equal layers share one.</param>
/// <param name="Calls">The forward pass: which kind runs on which block, in order.</param>
public sealed record Plan(
    string Architecture,
    Manifests.SourceIdentity Source,
    int Vocabulary,
    int Width,
    int Context,
    ActivationMode Activations,
    CacheShape Cache,
    EquatableArray<RotaryTable> Rotaries,
    EquatableArray<WeightBlock> Blocks,
    EquatableArray<ActivationBuffer> Buffers,
    EquatableArray<StepKind> Kinds,
    EquatableArray<Call> Calls)
{
    /// <summary>What an encoder gives; empty for a decoder.</summary>
    public EquatableArray<PlanOutput> Outputs { get; init; }

    /// <summary>What a caller gives.</summary>
    public GraphInput Input { get; init; } = new GraphInput.Tokens("input_ids", Context);

    /// <summary>Parts beside the one that gives logits: what it reads of them is kept. They share its <see cref="Blocks"/>.</summary>
    public EquatableArray<PlanPart> Parts { get; init; }

    /// <summary>Of which part this is a view; null: it is the whole.</summary>
    public string? PartName { get; init; }

    /// <summary>A part as a plan of its own.</summary>
    public Plan View(int part) => this with
    {
        PartName = Parts[part].Name,
        Parts = default,
        Input = Parts[part].Input,
        Width = Parts[part].Width,
        Context = Parts[part].Context,
        Cache = Parts[part].Cache,
        Buffers = Parts[part].Buffers,
        Kinds = Parts[part].Kinds,
        Calls = Parts[part].Calls,
        Outputs = Parts[part].Outputs,
    };

    /// <summary>The plan, then each part as one.</summary>
    public IEnumerable<Plan> Views() => Enumerable.Range(-1, Parts.Count + 1).Select(part => part < 0 ? this : View(part));

    /// <summary>Shape of the keys and values that are kept for queries of other rows, a layer for each that asks; null: none are.</summary>
    public CacheShape? Kept { get; init; }

    /// <summary>The cache that a step is about.</summary>
    public CacheShape CacheOf(bool isKept) => isKept ? Kept ?? throw new InvalidOperationException("The plan keeps nothing.") : Cache;

    /// <summary>Whether a call asks what is kept of other rows and nothing else: where nothing was read, its layer is passed over.</summary>
    public bool IsOptional(Call call) => !IsEncoder && AsksKept(call) && !Kinds[call.Kind].Steps.Any(step => step is CacheStep or ConvolutionStep or LatentCacheStep);

    /// <summary>Whether nothing can be written before a part has read something.</summary>
    public bool NeedsInput => Parts.Count > 0 && Calls.Any(call => AsksKept(call) && !IsOptional(call));

    private bool AsksKept(Call call) => Kinds[call.Kind].Steps.Any(step => step is AttentionStep { IsKept: true });

    /// <summary>Tokens of a text see each other and nothing is kept of it: all layers share the keys and values of one.</summary>
    public bool IsEncoder => Outputs.Count > 0;
}

/// <summary>Steps over rows of their own, before those of the plan. Members are as those of <see cref="Plan"/>.</summary>
public sealed record PlanPart(
    string Name, GraphInput Input, int Width, int Context, CacheShape Cache, EquatableArray<ActivationBuffer> Buffers, EquatableArray<StepKind> Kinds, EquatableArray<Call> Calls,
    EquatableArray<PlanOutput> Outputs);

/// <summary>What an encoder gives.</summary>
/// <param name="Name">E.g. <c>last_hidden_state</c>.</param>
/// <param name="Width">Values of a row.</param>
/// <param name="IsPooled">One row for each text; otherwise one for each token.</param>
public sealed record PlanOutput(string Name, int Width, bool IsPooled);

/// <summary>Numbers that meet quantized weights.</summary>
public enum ActivationMode
{
    /// <summary>INT12 per 32 values (docs/numerics.md): as good as float32 next to the weights' own rounding.</summary>
    Int12,

    /// <summary>INT8 per 32 values: half the products, and logits that are off by a few tenths.</summary>
    Int8,

    /// <summary>float32.</summary>
    Float,
}

/// <summary>How rows of activations are stored (docs/numerics.md).</summary>
public enum ActivationFormat
{
    /// <summary>binary32.</summary>
    Float = 0,

    /// <summary>INT8 codes per 32 values, with scales and sums.</summary>
    Int8 = 1,

    /// <summary>INT12 codes per 32 values, high and low digits apart, with scales and sums.</summary>
    Int12 = 2,
}

/// <summary>Shape of the key-value cache; a page holds 64 positions of all layers (<see cref="CachePlaces"/>).</summary>
/// <param name="Layers">Layers that attend.</param>
/// <param name="KeyValueHeads">Key and value heads of such a layer; 1 where it keeps latents.</param>
/// <param name="HeadSize">Values of a head, or of a latent.</param>
/// <param name="DefaultFormat">How they are stored where nobody says otherwise.</param>
/// <param name="RotatedKey">Values of the rotated key that a latent stands beside; 0: heads have keys and values.</param>
/// <param name="Convolutions">Layers that convolve instead.</param>
/// <param name="ConvolutionWidth">Values that such a layer keeps of a position.</param>
public sealed record CacheShape(
    int Layers, int KeyValueHeads, int HeadSize, CacheFormat DefaultFormat, int RotatedKey = 0, int Convolutions = 0, int ConvolutionWidth = 0);

/// <summary>How cached keys and values are stored.</summary>
public enum CacheFormat
{
    /// <summary>binary16, clamped to its largest finite value.</summary>
    F16,

    /// <summary>INT8 with one float32 scale per head and token.</summary>
    Int8,

    /// <summary>binary32.</summary>
    F32,
}

/// <summary>Packed weights of one call. Offsets inside it are the same for all calls of one kind.</summary>
/// <param name="Name">E.g. <c>Layer 12</c>.</param>
/// <param name="Offset">Bytes from the start of the weight section; a multiple of 4096.</param>
/// <param name="Length">Bytes; a multiple of 4096.</param>
/// <param name="Tensors">In the order they are read.</param>
public sealed record WeightBlock(string Name, long Offset, long Length, EquatableArray<PackedTensor> Tensors);

/// <summary>One tensor of the packed file, made of rows of one or several source tensors.</summary>
/// <param name="Name">E.g. <c>QueryKeyValue</c>.</param>
/// <param name="Layout">See docs/packed-format.md.</param>
/// <param name="Rows">Sum of the parts' rows, not padded. 1 for a vector.</param>
/// <param name="Columns">Not padded. For a vector the sum of the parts' values.</param>
/// <param name="Interleaved">The rows of two parts alternate by 16 (gate and up); otherwise they follow each other.</param>
/// <param name="Parts">Where the rows come from.</param>
/// <param name="Offset">Bytes from the start of the block; a multiple of 64.</param>
/// <param name="Length">Bytes, padding included.</param>
/// <param name="Experts">Above 1 the tensor is as many of its shape, one after another, whose parts follow each other.</param>
public sealed record PackedTensor(
    string Name, PackedLayout Layout, int Rows, int Columns, bool Interleaved, EquatableArray<PackedPart> Parts, long Offset, long Length, int Experts = 1)
{
    /// <summary>The tensors that it is made of: those of its experts, or itself.</summary>
    public IEnumerable<PackedTensor> Each() => Experts == 1 ? [this] : Enumerable.Range(0, Experts).Select(Expert);

    /// <summary>One of its experts as a tensor of its own.</summary>
    public PackedTensor Expert(int index) => this with
    {
        Experts = 1,
        Parts = Parts.Skip(index * (Parts.Count / Experts)).Take(Parts.Count / Experts).ToEquatableArray(),
        Offset = Offset + (index * (Length / Experts)),
        Length = Length / Experts,
    };
}

/// <summary>Rows from one source tensor.</summary>
/// <param name="Tensor">Its name in the source, or empty: zeros (the bias of a part that has none), to which a vector's offset is added.</param>
/// <param name="Rows">Number of rows; for a vector the number of values.</param>
/// <param name="Order">How they are ordered.</param>
/// <param name="View">Where they lie in the tensor; null: they are the tensor.</param>
/// <param name="Offset">See <see cref="Weight"/>.</param>
/// <param name="Factor">See <see cref="Weight"/>.</param>
/// <param name="Distances">Of a vector: the values are numbers of buckets, and are packed for each distance; or null.</param>
public sealed record PackedPart(string Tensor, int Rows, RowOrder Order, TensorView? View = null, float Offset = 0, float Factor = 1, DistanceRows? Distances = null)
{
    /// <summary>Values that a vector's source gives, of which <see cref="Rows"/> are made.</summary>
    public int SourceValues => Distances is null ? Rows : Rows / Distances.Length * Distances.Buckets.Count;
}

/// <summary>
/// Numbers of buckets, those of one head after another, that are packed as a row for each head: of the keys from <paramref name="Reach"/> tokens before the query
/// to as many after it. Keys that are farther away have the outermost one's.
/// </summary>
/// <param name="Buckets">The bucket of a distance.</param>
/// <param name="Reach">So far beyond the last distance that has a number of its own that kernels find a <see cref="Block"/> of numbers for any block of keys.</param>
public sealed record DistanceRows(DistanceBuckets Buckets, int Reach)
{
    /// <summary>Positions that kernels look at together.</summary>
    public const int Block = 64;

    /// <summary>Values of a head.</summary>
    public int Length => (2 * Reach) + 1;

    /// <summary>Which of the source's values is packed at <paramref name="index"/>.</summary>
    public int Source(int index) => (index / Length * Buckets.Count) + Buckets.Of((index % Length) - Reach);
}

/// <summary>Byte layouts of packed tensors; specified in docs/packed-format.md. Matrices are in tiles of 32 rows.</summary>
public enum PackedLayout
{
    /// <summary>576 bytes per 32 rows x 32 columns: (code - 8) * scale.</summary>
    Int4 = 0,

    /// <summary>640 bytes per 32 rows x 32 columns: code * scale + minimum.</summary>
    Int4Minimum = 1,

    /// <summary>1,088 bytes per 32 rows x 32 columns: (code - 128) * scale.</summary>
    Int8 = 2,

    /// <summary>binary32, 32 rows of a column side by side.</summary>
    Float32 = 3,

    /// <summary>binary16, 32 rows of a column side by side.</summary>
    Float16 = 4,

    /// <summary>bfloat16, 32 rows of a column side by side.</summary>
    BFloat16 = 5,

    /// <summary>A vector of binary32, padded with zeros to a multiple of 32.</summary>
    Vector = 6,
}

/// <summary>A region of the workspace. For n tokens of capacity it lies at n * <paramref name="OffsetPerToken"/> and holds n rows.</summary>
/// <param name="Name">E.g. <c>Residual</c>.</param>
/// <param name="Width">Values of a row, not padded.</param>
/// <param name="Format">How rows are stored.</param>
/// <param name="OffsetPerToken">Bytes; a multiple of 64.</param>
/// <param name="BytesPerToken">Bytes of a token's rows, each padded to a multiple of 64.</param>
/// <param name="Rows">Rows of a token: 1, one for each of its experts, or for each of the frames of which it is made. Those of all tokens lie in whatever order the steps agree on.</param>
public sealed record ActivationBuffer(string Name, int Width, ActivationFormat Format, int OffsetPerToken, int BytesPerToken, int Rows = 1)
{
    /// <summary>Bytes from one row to the next.</summary>
    public int RowBytes => BytesPerToken / Rows;

    /// <summary>Whether rows are codes.</summary>
    public bool IsQuantized => Format != ActivationFormat.Float;
}

/// <summary>A method of the generated class: steps that run on one block.</summary>
public sealed record StepKind(string Name, EquatableArray<Step> Steps);

/// <summary>One call of a kind.</summary>
/// <param name="Kind">Index into <see cref="Plan.Kinds"/>.</param>
/// <param name="Block">Index into <see cref="Plan.Blocks"/>; the table's block for the embedding.</param>
/// <param name="CacheLayer">Which of the cache's layers that attend, or of those that convolve; or of what is kept; -1: none. 0 for every layer of an encoder.</param>
public sealed record Call(int Kind, int Block, int CacheLayer);
