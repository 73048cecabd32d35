using System.Globalization;

namespace KernelForge.Architectures;

/// <summary>
/// What a kind of file calls a decoder's tensors: whole names (without <c>.weight</c> and <c>.bias</c>) for those outside layers, for the others what
/// follows the layer's number. The defaults are those of a llama's folder; an architecture changes what its authors call otherwise.
/// </summary>
internal sealed record DecoderTensors
{
    /// <summary>GGUF's names, the same for all architectures.</summary>
    public static readonly DecoderTensors Gguf = new()
    {
        Embedding = "token_embd", Positions = "position_embd", TokenTypes = "token_types", EmbeddingNorm = "token_embd_norm", FinalNorm = "output_norm", Head = "output", Layers = "blk.",
        AttentionNorm = "attn_norm", Query = "attn_q", Key = "attn_k", Value = "attn_v", QueryKeyValue = "attn_qkv", AttentionOutput = "attn_output",
        QueryNorm = "attn_q_norm", KeyNorm = "attn_k_norm", PostAttentionNorm = "post_attention_norm",
        FeedForwardNorm = "ffn_norm", Gate = "ffn_gate", Up = "ffn_up", GateUp = "ffn_up", Down = "ffn_down", PostFeedForwardNorm = "post_ffw_norm",
        Router = "ffn_gate_inp", Correction = "exp_probs_b.bias", ExpertGate = "ffn_gate_exps.weight", ExpertUp = "ffn_up_exps.weight", ExpertDown = "ffn_down_exps.weight",
        SharedGate = "ffn_gate_shexp", SharedUp = "ffn_up_shexp", SharedDown = "ffn_down_shexp", SharedRouter = "ffn_gate_inp_shexp", Sinks = "attn_sinks.weight",
        QueryDown = "attn_q_a", QueryLatentNorm = "attn_q_a_norm", QueryUp = "attn_q_b", LatentDown = "attn_kv_a_mqa", LatentNorm = "attn_kv_a_norm",
        LatentUp = "attn_kv_b", LatentKeys = "attn_k_b", LatentValues = "attn_v_b",
        Convolution = "shortconv.conv", ConvolutionInput = "shortconv.in_proj", ConvolutionOutput = "shortconv.out_proj",
    };

    public string Embedding { get; init; } = "model.embed_tokens";

    public string Positions { get; init; } = "model.embed_positions";

    public string TokenTypes { get; init; } = "model.token_type_embeddings";

    /// <summary>Of the embedding, before the first layer.</summary>
    public string EmbeddingNorm { get; init; } = "model.embed_norm";

    public string FinalNorm { get; init; } = "model.norm";

    public string Head { get; init; } = "lm_head";

    public string Layers { get; init; } = "model.layers.";

    public string AttentionNorm { get; init; } = "input_layernorm";

    public string Query { get; init; } = "self_attn.q_proj";

    public string Key { get; init; } = "self_attn.k_proj";

    public string Value { get; init; } = "self_attn.v_proj";

    /// <summary>Query, key and value in one matrix.</summary>
    public string QueryKeyValue { get; init; } = "self_attn.qkv_proj";

    public string AttentionOutput { get; init; } = "self_attn.o_proj";

    public string QueryNorm { get; init; } = "self_attn.q_norm";

    public string KeyNorm { get; init; } = "self_attn.k_norm";

    /// <summary>Of what attention gives, before it is added.</summary>
    public string PostAttentionNorm { get; init; } = "post_attention_layernorm";

    public string FeedForwardNorm { get; init; } = "post_attention_layernorm";

    public string Gate { get; init; } = "mlp.gate_proj";

    public string Up { get; init; } = "mlp.up_proj";

    /// <summary>Gate and up in one matrix.</summary>
    public string GateUp { get; init; } = "mlp.gate_up_proj";

    public string Down { get; init; } = "mlp.down_proj";

    /// <summary>Of what the feed-forward gives, before it is added.</summary>
    public string PostFeedForwardNorm { get; init; } = "post_feedforward_layernorm";

    /// <summary>The router of a mixture of experts.</summary>
    public string Router { get; init; } = "mlp.gate";

    /// <summary>The whole name of what corrects the router's choice.</summary>
    public string Correction { get; init; } = "mlp.gate.e_score_correction_bias";

    /// <summary>The whole name of an expert's gate. Where it holds {0}, there is a tensor for each expert; otherwise one holds them all.</summary>
    public string ExpertGate { get; init; } = "mlp.experts.{0}.gate_proj.weight";

    public string ExpertUp { get; init; } = "mlp.experts.{0}.up_proj.weight";

    public string ExpertDown { get; init; } = "mlp.experts.{0}.down_proj.weight";

    /// <summary>The gate of what every token passes through beside its experts.</summary>
    public string SharedGate { get; init; } = "mlp.shared_experts.gate_proj";

    public string SharedUp { get; init; } = "mlp.shared_experts.up_proj";

    public string SharedDown { get; init; } = "mlp.shared_experts.down_proj";

    /// <summary>The row whose sigmoid weighs it, where there is one.</summary>
    public string SharedRouter { get; init; } = "mlp.shared_expert_gate";

    /// <summary>The whole name of the attention sinks.</summary>
    public string Sinks { get; init; } = "self_attn.sinks";

    /// <summary>From the stream to the queries' latent.</summary>
    public string QueryDown { get; init; } = "self_attn.q_a_proj";

    public string QueryLatentNorm { get; init; } = "self_attn.q_a_layernorm";

    /// <summary>From that latent to the queries.</summary>
    public string QueryUp { get; init; } = "self_attn.q_b_proj";

    /// <summary>From the stream to the latent of keys and values, then to the rotated key.</summary>
    public string LatentDown { get; init; } = "self_attn.kv_a_proj_with_mqa";

    public string LatentNorm { get; init; } = "self_attn.kv_a_layernorm";

    /// <summary>From the latent to each head's key, then its value.</summary>
    public string LatentUp { get; init; } = "self_attn.kv_b_proj";

    /// <summary>GGUF may have the two apart: keys transposed, [heads, rank, key].</summary>
    public string LatentKeys { get; init; } = "self_attn.k_b_proj";

    /// <summary>Values, [heads, value, rank].</summary>
    public string LatentValues { get; init; } = "self_attn.v_b_proj";

    public string CrossQuery { get; init; } = "cross_attn.q_proj";

    public string CrossKey { get; init; } = "cross_attn.k_proj";

    public string CrossValue { get; init; } = "cross_attn.v_proj";

    public string CrossOutput { get; init; } = "cross_attn.o_proj";

    public string CrossQueryNorm { get; init; } = "cross_attn.q_norm";

    public string CrossKeyNorm { get; init; } = "cross_attn.k_norm";

    /// <summary>The whole name of what gates that which cross-attention adds to the stream.</summary>
    public string CrossGate { get; init; } = "cross_attn_attn_gate";

    /// <summary>The whole name of what gates the feed-forward of such a layer.</summary>
    public string CrossFeedForwardGate { get; init; } = "cross_attn_mlp_gate";

    public string Convolution { get; init; } = "conv.conv";

    /// <summary>What multiplies before the convolution, what multiplies after it, and the value, in one matrix.</summary>
    public string ConvolutionInput { get; init; } = "conv.in_proj";

    public string ConvolutionOutput { get; init; } = "conv.out_proj";

    /// <summary>GPT-2's matrices are stored transposed, and the feed-forward's width may go without saying.</summary>
    public bool IsTransposed { get; init; }

    /// <summary>What a norm is called that the graph calls <paramref name="name"/>.</summary>
    public string Norm(string name) => name switch
    {
        "EmbeddingNorm" => EmbeddingNorm,
        "AttentionNorm" => AttentionNorm,
        "PostAttentionNorm" => PostAttentionNorm,
        "FeedForwardNorm" => FeedForwardNorm,
        "PostFeedForwardNorm" => PostFeedForwardNorm,
        _ => FinalNorm,
    };

    /// <summary>The layer that a tensor belongs to, or null.</summary>
    public int? LayerOf(string tensor)
    {
        if (!tensor.StartsWith(Layers, StringComparison.Ordinal))
            return null;
        var end = tensor.IndexOf('.', Layers.Length);
        return end > 0 && int.TryParse(tensor.Substring(Layers.Length, end - Layers.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : null;
    }

    /// <summary>A tensor's path in a layer.</summary>
    public string InLayer(int layer, string tensor) => Layers + layer.ToString(CultureInfo.InvariantCulture) + "." + tensor;
}
