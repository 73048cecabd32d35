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
public sealed record EmbedStep(string Name, int Block, int Tensor, int Output) : Step(Name);

/// <summary>Root mean square norm; the output's kind says whether it is quantized at once.</summary>
public sealed record NormStep(string Name, int Input, int Scale, float Epsilon, int Output) : Step(Name);

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
public sealed record MatMulStep(string Name, int Input, int Matrix, int Bias, Epilogue Epilogue, int Output, int OutputColumn, int TokenTile) : Step(Name);

/// <summary>What a matmul does with its result.</summary>
public enum Epilogue
{
    /// <summary>Stores it.</summary>
    Store,

    /// <summary>Adds it to the output buffer.</summary>
    Residual,

    /// <summary>Interleaved rows: stores silu(gate) * up, half as many values as rows; quantizes where the output buffer is quantized.</summary>
    SwiGlu,

    /// <summary>Only rows whose logits are asked for: logits, or the arg-max where every asker is greedy.</summary>
    Logits,
}

/// <summary>Rotates queries in place and keys on their way into the cache; stores values into the cache.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Buffer">Float buffer with queries, keys and values.</param>
/// <param name="QueryColumn">First value of the queries in a row.</param>
/// <param name="KeyColumn">First value of the keys.</param>
/// <param name="ValueColumn">First value of the values.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Rotary">Rotary table, or -1. Pairs are neighbours.</param>
public sealed record CacheStep(string Name, int Buffer, int QueryColumn, int KeyColumn, int ValueColumn, int Heads, int Rotary) : Step(Name);

/// <summary>Attention of the rotated queries over the cache.</summary>
/// <param name="Name">See <see cref="Step"/>.</param>
/// <param name="Input">Float buffer with the queries.</param>
/// <param name="QueryColumn">First value of the queries in a row.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Scale">Factor of the scores.</param>
/// <param name="Window">See <see cref="AttentionNode"/>.</param>
/// <param name="Output">Buffer; its kind says whether the result is quantized at once.</param>
public sealed record AttentionStep(string Name, int Input, int QueryColumn, int Heads, float Scale, int Window, int Output) : Step(Name);

/// <summary>Copies the rows whose logits are asked for to the front of another buffer, so that the head works on those only.</summary>
public sealed record SelectStep(string Name, int Input, int Output) : Step(Name);

/// <summary>All workers wait for each other. The forward pass has no other synchronization.</summary>
public sealed record BarrierStep(string Name) : Step(Name);
