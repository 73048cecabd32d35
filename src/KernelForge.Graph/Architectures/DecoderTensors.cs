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
        Embedding = "token_embd", Positions = "position_embd", FinalNorm = "output_norm", Head = "output", Layers = "blk.",
        AttentionNorm = "attn_norm", Query = "attn_q", Key = "attn_k", Value = "attn_v", QueryKeyValue = "attn_qkv", AttentionOutput = "attn_output",
        QueryNorm = "attn_q_norm", KeyNorm = "attn_k_norm", PostAttentionNorm = "post_attention_norm",
        FeedForwardNorm = "ffn_norm", Gate = "ffn_gate", Up = "ffn_up", GateUp = "ffn_up", Down = "ffn_down", PostFeedForwardNorm = "post_ffw_norm",
    };

    public string Embedding { get; init; } = "model.embed_tokens";

    public string Positions { get; init; } = "model.embed_positions";

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

    /// <summary>GPT-2's matrices are stored transposed, and the feed-forward's width may go without saying.</summary>
    public bool IsGpt2 { get; init; }

    /// <summary>A tensor's path in a layer.</summary>
    public string InLayer(int layer, string tensor) => Layers + layer.ToString(CultureInfo.InvariantCulture) + "." + tensor;
}
