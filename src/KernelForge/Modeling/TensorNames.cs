namespace KernelForge.Modeling;

/// <summary>What the weights call their tensors: whole names for those outside of layers, for the others what follows the layer's number; without <c>.weight</c> and <c>.bias</c>.</summary>
public sealed class TensorNames
{
    private TensorNames()
    {
    }

    /// <summary>As the architecture does that the weights themselves name; if none is known, as GGUF or a llama's folder does.</summary>
    public static TensorNames OfWeights => throw Declared.Error;

    /// <summary>As GGUF does.</summary>
    public static TensorNames Gguf => throw Declared.Error;

    /// <summary>As a llama's folder does.</summary>
    public static TensorNames HuggingFace => throw Declared.Error;

    /// <summary>As an architecture does, e.g. <c>gpt_neox</c>.</summary>
    /// <param name="architecture">Its name as GGUF or <c>config.json</c> spells it.</param>
    public static TensorNames Of(string architecture) => throw Declared.Error;

    /// <summary>The same with other names for some tensors. Where a fused matrix (queryKeyValue, gateUp) is there, it is read in place of its parts.</summary>
    /// <param name="embedding">Table of the embedding, which a tied head reads too.</param>
    /// <param name="positions">Table of learned positions.</param>
    /// <param name="tokenTypes">Table of token types.</param>
    /// <param name="embeddingNorm">Of the embedding, before the first layer.</param>
    /// <param name="finalNorm">The norm before the head.</param>
    /// <param name="head">The matrix of the head.</param>
    /// <param name="layers">What stands before a layer's number, with the dot.</param>
    /// <param name="attentionNorm">The norm before attention.</param>
    /// <param name="query">Queries.</param>
    /// <param name="key">Keys.</param>
    /// <param name="value">Values.</param>
    /// <param name="queryKeyValue">Query, key and value in one matrix.</param>
    /// <param name="attentionOutput">From attention back to the stream.</param>
    /// <param name="queryNorm">Norm of queries.</param>
    /// <param name="keyNorm">Norm of keys.</param>
    /// <param name="postAttentionNorm">Of what attention gives, before it is added.</param>
    /// <param name="feedForwardNorm">The norm before the feed-forward.</param>
    /// <param name="gate">The feed-forward's gate.</param>
    /// <param name="up">The feed-forward's first matrix.</param>
    /// <param name="gateUp">Gate and up in one matrix.</param>
    /// <param name="down">The feed-forward's last matrix.</param>
    /// <param name="postFeedForwardNorm">Of what the feed-forward gives, before it is added.</param>
    /// <param name="router">The router of a mixture of experts.</param>
    /// <param name="correction">The whole name of what corrects the router's choice.</param>
    /// <param name="expertGate">The whole name of an expert's gate. Where it holds {0}, there is a tensor for each expert; otherwise one holds them all.</param>
    /// <param name="expertUp">The whole name of an expert's up.</param>
    /// <param name="expertDown">The whole name of an expert's down.</param>
    /// <param name="sharedGate">The gate of what every token passes through beside its experts.</param>
    /// <param name="sharedUp">The same of up.</param>
    /// <param name="sharedDown">The same of down.</param>
    /// <param name="sharedRouter">The row whose sigmoid weighs it, where there is one.</param>
    /// <param name="sinks">The whole name of the attention sinks.</param>
    /// <param name="queryDown">From the stream to the queries' latent.</param>
    /// <param name="queryLatentNorm">Norm of the queries' latent.</param>
    /// <param name="queryUp">From that latent to the queries.</param>
    /// <param name="latentDown">From the stream to the latent of keys and values, then to the rotated key.</param>
    /// <param name="latentNorm">Norm of the latent of keys and values.</param>
    /// <param name="latentUp">From the latent to each head's key, then its value.</param>
    /// <param name="latentKeys">GGUF may have the two apart: keys transposed, [heads, rank, key].</param>
    /// <param name="latentValues">Values, [heads, value, rank].</param>
    /// <param name="crossQuery">Queries of cross-attention.</param>
    /// <param name="crossKey">Its keys.</param>
    /// <param name="crossValue">Its values.</param>
    /// <param name="crossOutput">From it back to the stream.</param>
    /// <param name="crossQueryNorm">Norm of its queries.</param>
    /// <param name="crossKeyNorm">Norm of its keys.</param>
    /// <param name="crossGate">The whole name of what gates that which cross-attention adds to the stream.</param>
    /// <param name="crossFeedForwardGate">The whole name of what gates the feed-forward of such a layer.</param>
    /// <param name="convolution">Taps of the short convolution.</param>
    /// <param name="convolutionInput">What multiplies before the convolution, what multiplies after it, and the value, in one matrix.</param>
    /// <param name="convolutionOutput">From the convolution back to the stream.</param>
    /// <param name="isTransposed">GPT-2's matrices are stored transposed, and the feed-forward's width may go without saying.</param>
    public TensorNames With(
        string? embedding = null, string? positions = null, string? tokenTypes = null, string? embeddingNorm = null, string? finalNorm = null,
        string? head = null, string? layers = null, string? attentionNorm = null, string? query = null, string? key = null, string? value = null,
        string? queryKeyValue = null, string? attentionOutput = null, string? queryNorm = null, string? keyNorm = null,
        string? postAttentionNorm = null, string? feedForwardNorm = null, string? gate = null, string? up = null, string? gateUp = null,
        string? down = null, string? postFeedForwardNorm = null, string? router = null, string? correction = null, string? expertGate = null,
        string? expertUp = null, string? expertDown = null, string? sharedGate = null, string? sharedUp = null, string? sharedDown = null,
        string? sharedRouter = null, string? sinks = null, string? queryDown = null, string? queryLatentNorm = null, string? queryUp = null,
        string? latentDown = null, string? latentNorm = null, string? latentUp = null, string? latentKeys = null, string? latentValues = null,
        string? crossQuery = null, string? crossKey = null, string? crossValue = null, string? crossOutput = null, string? crossQueryNorm = null,
        string? crossKeyNorm = null, string? crossGate = null, string? crossFeedForwardGate = null,
        string? convolution = null, string? convolutionInput = null, string? convolutionOutput = null, bool? isTransposed = null) => throw Declared.Error;
}
