using KernelForge.Graphs;

namespace KernelForge.Plans;

/// <summary>One kernel call on all workers. Buffers are indices into <see cref="Plan.Buffers"/>; tensors are indices into the block's tensors.</summary>
/// <param name="Name">From the model, in words a person would use.</param>
public abstract record Step(string Name);

/// <summary>Looks tokens up in the packed head or embedding tiles of another block (a tied table is stored once).</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Block">Block that holds the table.</param>
/// <param name="Tensor">Its tensor.</param>
/// <param name="Output">Float buffer.</param>
/// <param name="Factor">Of every value.</param>
public sealed record EmbedStep(string Name, int Block, int Tensor, int Output, float Factor) : Step(Name);

/// <summary>Looks a number of each token up in a table of the call's block.</summary>
public sealed record LookupStep(string Name, LookupKey Key, int Tensor, int Output) : Step(Name);

/// <summary>Copies the rows that a caller gives into a float buffer: as many for each row of the pass as the buffer has, so that what follows works on those.</summary>
public sealed record InputStep(string Name, int Output) : Step(Name);

/// <summary>Rows with their neighbours (<see cref="WindowNode"/>). Beyond the first and the last row of the pass are zeros: such a part reads one input at a time.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Float buffer.</param>
/// <param name="Taps">Rows of a window, odd.</param>
/// <param name="Stride">Rows from one window to the next; above 1 what follows works on that many times fewer.</param>
/// <param name="Output">Float buffer.</param>
public sealed record WindowStep(string Name, int Input, int Taps, int Stride, int Output) : Step(Name);

/// <summary>A learned row for each text or image, at the front of a buffer, so that what follows works on those only.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Tensor">The row.</param>
/// <param name="Output">Float buffer.</param>
public sealed record ProbeStep(string Name, int Tensor, int Output) : Step(Name);

/// <summary>Numbers of a token beside its id.</summary>
public enum LookupKey
{
    /// <summary>Its position in its sequence.</summary>
    Position,

    /// <summary>Its type: which of the texts it belongs to that a sequence consists of.</summary>
    TokenType,
}

/// <summary>A norm of rows; the output's kind says whether it is quantized at once.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Kind">Which norm.</param>
/// <param name="Input">Float buffer.</param>
/// <param name="Scale">Tensor of the scales, or -1: 1.</param>
/// <param name="Shift">Tensor of what is added, or -1.</param>
/// <param name="Epsilon">See <see cref="Norm"/>.</param>
/// <param name="Output">Buffer of the result.</param>
public sealed record NormStep(string Name, NormKind Kind, int Input, int Scale, int Shift, float Epsilon, int Output) : Step(Name);

/// <summary>A norm of each head in a float buffer, in place.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Kind">Which norm.</param>
/// <param name="Buffer">Rows of heads.</param>
/// <param name="Heads">Heads of a row.</param>
/// <param name="HeadSize">Values of a head.</param>
/// <param name="Scale">Tensor as long as a head or as all of them.</param>
/// <param name="Shift">Tensor of the same length, or -1.</param>
/// <param name="Epsilon">See <see cref="Norm"/>.</param>
public sealed record HeadNormStep(string Name, NormKind Kind, int Buffer, int Heads, int HeadSize, int Scale, int Shift, float Epsilon) : Step(Name);

/// <summary>Output += factor * input, float buffers.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">What is added.</param>
/// <param name="Output">What it is added to.</param>
/// <param name="Factor">Of what is added.</param>
/// <param name="Gate">Tensor of one number, whose tanh the factor is multiplied with; or -1.</param>
public sealed record AddStep(string Name, int Input, int Output, float Factor, int Gate = -1) : Step(Name);

/// <summary>Quantizes a float buffer.</summary>
public sealed record QuantizeStep(string Name, int Input, int Output) : Step(Name);

/// <summary>y = x W^T (+ bias), then the epilogue.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Quantized buffer for INT4 and INT8 layouts unless activations are <see cref="ActivationMode.Float"/>, otherwise a float buffer.</param>
/// <param name="Matrix">Tensor of the weights.</param>
/// <param name="Bias">Tensor of the bias (layout Vector), or -1.</param>
/// <param name="Epilogue">What happens to the result.</param>
/// <param name="Output">Buffer of the result; -1 for <see cref="Epilogue.Logits"/>.</param>
/// <param name="OutputColumn">First value in the output's rows; a multiple of 32.</param>
/// <param name="TokenTile">Tokens that the matrix-matrix kernel keeps in registers.</param>
/// <param name="Activation">Of <see cref="Epilogue.Gate"/> and <see cref="Epilogue.Activate"/>.</param>
/// <param name="Softcap">Bound of <see cref="Epilogue.Logits"/>, or 0.</param>
public sealed record MatMulStep(
    string Name, int Input, int Matrix, int Bias, Epilogue Epilogue, int Output, int OutputColumn, int TokenTile, Activation Activation = default, float Softcap = 0) : Step(Name);

/// <summary>What a matmul does with its result.</summary>
public enum Epilogue
{
    /// <summary>Stores it.</summary>
    Store,

    /// <summary>Adds it to the output buffer.</summary>
    Residual,

    /// <summary>Interleaved rows: stores activation(gate) * up, half as many values as rows; quantizes where the output buffer is quantized.</summary>
    Gate,

    /// <summary>Only rows whose logits are asked for: logits, or the arg-max where every asker is greedy.</summary>
    Logits,

    /// <summary>Stores activation(y).</summary>
    Activate,
}

/// <summary>Rotates queries in place and keys on their way into the cache; stores values into the cache.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Buffer">Float buffer with queries, keys and values.</param>
/// <param name="QueryColumn">First value of the queries in a row.</param>
/// <param name="KeyColumn">First value of the keys.</param>
/// <param name="ValueColumn">First value of the values.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Rotary">Rotary table, or -1. Pairs are neighbours.</param>
/// <param name="Norms">Norms of queries and keys, or null.</param>
/// <param name="IsKept">Into what is kept for queries of other rows, which are not in the buffer (0 heads).</param>
public sealed record CacheStep(
    string Name, int Buffer, int QueryColumn, int KeyColumn, int ValueColumn, int Heads, int Rotary, CacheNorms? Norms = null, bool IsKept = false) : Step(Name);

/// <summary>Norms of query and key heads (<see cref="HeadNorms"/>).</summary>
/// <param name="Kind">Which norm.</param>
/// <param name="Epsilon">See <see cref="Norm"/>.</param>
/// <param name="Whole">Over all heads together; otherwise over each.</param>
/// <param name="AfterRotary">After the rotation; otherwise before it.</param>
/// <param name="QueryScale">Tensor as long as a head or as all query heads, or -1: 1.</param>
/// <param name="QueryShift">Tensor of the same length, or -1.</param>
/// <param name="KeyScale">For keys.</param>
/// <param name="KeyShift">For keys.</param>
public sealed record CacheNorms(
    NormKind Kind, float Epsilon, bool Whole, bool AfterRotary, int QueryScale, int QueryShift, int KeyScale, int KeyShift);

/// <summary>Attention of the rotated queries over the cache.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Float buffer with the queries.</param>
/// <param name="QueryColumn">First value of the queries in a row.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Scale">Factor of the scores.</param>
/// <param name="Window">See <see cref="AttentionNode"/>.</param>
/// <param name="Output">Buffer; its kind says whether the result is quantized at once.</param>
/// <param name="Softcap">See <see cref="AttentionNode"/>.</param>
/// <param name="Sinks">Tensor of one score for each head, or -1.</param>
/// <param name="Chunk">See <see cref="AttentionNode"/>.</param>
/// <param name="Temperature">Of the queries, or null.</param>
/// <param name="Ahead">Positions after its own that a query sees, where the sequence has them in the same pass: 0 in a decoder.</param>
/// <param name="IsKept">Over all that is kept of other rows.</param>
/// <param name="Bias">Tensor of what is added to the scores of each head by distance (<see cref="DistanceRows"/>), or -1.</param>
public sealed record AttentionStep(
    string Name, int Input, int QueryColumn, int Heads, float Scale, int Window, int Output, float Softcap = 0, int Sinks = -1, int Chunk = 0, QueryTemperature? Temperature = null,
    int Ahead = 0, bool IsKept = false, int Bias = -1) : Step(Name);

/// <summary>y = x W^T for each head with a matrix of its own. Heads lie evenly in the rows of both buffers.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Float buffer.</param>
/// <param name="InputStride">Values from one head to the next in a row; a head's may be fewer.</param>
/// <param name="Matrix">Tensor of all heads, as those of experts are.</param>
/// <param name="Output">Float buffer, heads * rows wide.</param>
/// <param name="TokenTile">See <see cref="MatMulStep"/>.</param>
public sealed record HeadMatMulStep(string Name, int Input, int InputStride, int Matrix, int Output, int TokenTile) : Step(Name);

/// <summary>Stores latents and rotated keys into the cache, and rotates the ends of query heads on their way into a buffer of their own.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Query">Float buffer of query heads, whose last values are rotated.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Latent">Float buffer of latents.</param>
/// <param name="Key">Float buffer of keys that are not rotated yet.</param>
/// <param name="Rotary">Rotary table. Pairs are neighbours.</param>
/// <param name="Output">Float buffer of the rotated ends.</param>
public sealed record LatentCacheStep(string Name, int Query, int Heads, int Latent, int Key, int Rotary, int Output) : Step(Name);

/// <summary>Attention of all heads over one latent and one rotated key of each position: what it gives is weighted latents.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Latent">Float buffer: for each head what multiplies latents.</param>
/// <param name="Rotated">Float buffer: for each head what multiplies rotated keys.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Scale">Factor of the scores.</param>
/// <param name="Output">Float buffer, for each head as wide as a latent.</param>
public sealed record LatentAttentionStep(string Name, int Latent, int Rotated, int Heads, float Scale, int Output) : Step(Name);

/// <summary>
/// Keeps before * value of every token in the cache; output = after * the sum of taps * what is kept of the token and of those before it. Each column for
/// itself, so that workers share columns and not rows.
/// </summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Buffer">Float buffer with all three.</param>
/// <param name="BeforeColumn">First value in a row of what multiplies values before.</param>
/// <param name="AfterColumn">First value of what multiplies results.</param>
/// <param name="ValueColumn">First of the values.</param>
/// <param name="Taps">Tensor of the taps, [taps, width] as one vector; the token's own last.</param>
/// <param name="Bias">Tensor added to the sums, or -1.</param>
/// <param name="Output">Float buffer.</param>
public sealed record ConvolutionStep(
    string Name, int Buffer, int BeforeColumn, int AfterColumn, int ValueColumn, int Taps, int Bias, int Output) : Step(Name);

/// <summary>
/// Chooses experts. The routing holds, for n = tokens * active: ids [n] by token and ascending, weights [n], rows [n] among those sorted by expert, the
/// token of each sorted row [n], the experts used [n], where their rows start [n + 1], and how many are used.
/// </summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Logits">Float buffer, one value for each expert.</param>
/// <param name="Correction">Tensor, or -1.</param>
/// <param name="Output">Buffer of the routing.</param>
/// <param name="Routing">How; its correction is the tensor's.</param>
public sealed record RouteStep(string Name, int Logits, int Correction, int Output, Routing Routing) : Step(Name);

/// <summary>Copies every token's row once for each of its experts, sorted by expert.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Buffer of one row a token.</param>
/// <param name="Routing">Buffer of the routing.</param>
/// <param name="Output">Buffer with a row for each expert of a token; its kind says whether weighted rows are quantized at once.</param>
/// <param name="IsWeighted">Every value is multiplied by the expert's weight on the way.</param>
public sealed record GatherStep(string Name, int Input, int Routing, int Output, bool IsWeighted = false) : Step(Name);

/// <summary>A <see cref="MatMulStep"/> of rows that are sorted by expert, each with the matrix of its own.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Buffer with a row for each expert of a token.</param>
/// <param name="Routing">Buffer of the routing.</param>
/// <param name="Matrix">Tensor of all experts.</param>
/// <param name="Bias">Tensor of all experts, or -1.</param>
/// <param name="Epilogue"><see cref="Epilogue.Gate"/> or <see cref="Epilogue.Store"/>.</param>
/// <param name="Output">Buffer with a row for each expert of a token.</param>
/// <param name="TokenTile">See <see cref="MatMulStep"/>.</param>
/// <param name="Activation">Of the gate.</param>
/// <param name="Clamp">Another unit in place of activation(gate) * up, or null.</param>
public sealed record ExpertMatMulStep(
    string Name, int Input, int Routing, int Matrix, int Bias, Epilogue Epilogue, int Output, int TokenTile, Activation Activation = default, ClampedUnit? Clamp = null) : Step(Name);

/// <summary>The sum of what a token's experts gave, by ascending index.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Float buffer with a row for each expert of a token.</param>
/// <param name="Routing">Buffer of the routing.</param>
/// <param name="Output">Float buffer.</param>
/// <param name="IsWeighted">Each is multiplied by its expert's weight.</param>
public sealed record CombineStep(string Name, int Input, int Routing, int Output, bool IsWeighted = true) : Step(Name);

/// <summary>Output = input * sigmoid(gate), float buffers; a gate is one number a token.</summary>
public sealed record RowGateStep(string Name, int Input, int Gate, int Output) : Step(Name);

/// <summary>Copies the rows whose logits are asked for, of an encoder the first row of each text, to the front of another buffer, so that what follows works on those only.</summary>
public sealed record SelectStep(string Name, int Input, int Output) : Step(Name);

/// <summary>Copies the rows of a float buffer to where the caller wants what an encoder gives.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Float buffer.</param>
/// <param name="Output">Index into <see cref="Plan.Outputs"/>.</param>
public sealed record OutputStep(string Name, int Input, int Output) : Step(Name);

/// <summary>All workers wait for each other. The forward pass has no other synchronization.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="SeveralTokens">Only in passes of several tokens: a single one has an owner, who would wait for himself.</param>
public sealed record BarrierStep(string Name, bool SeveralTokens = false) : Step(Name);
