using System.Globalization;

namespace KernelForge.Architectures;

/// <summary>
/// What a kind of file calls the tensors of a llama-like model: whole names for those outside layers, for the others what follows the layer's
/// number, without <c>.weight</c> and <c>.bias</c>; and whether rotary pairs are neighbours, as GGUF's converter puts them for this architecture.
/// </summary>
internal sealed record LlamaTensors(
    string Embedding, string FinalNorm, string Head, string LayerPrefix,
    string AttentionNorm, string Query, string Key, string Value, string AttentionOutput,
    string FeedForwardNorm, string Gate, string Up, string Down, bool AdjacentPairs)
{
    private static readonly LlamaTensors Gguf = new(
        "token_embd.weight", "output_norm.weight", "output.weight", "blk.",
        "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output",
        "ffn_norm", "ffn_gate", "ffn_up", "ffn_down", AdjacentPairs: true);

    private static readonly LlamaTensors HuggingFace = new(
        "model.embed_tokens.weight", "model.norm.weight", "lm_head.weight", "model.layers.",
        "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
        "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", AdjacentPairs: false);

    /// <summary>The names in this model's file.</summary>
    public static LlamaTensors Of(ModelReader model) => model.Text("kernelforge.layout") == "huggingface" ? HuggingFace : Gguf;

    /// <summary>A tensor's path in a layer.</summary>
    public string InLayer(int layer, string tensor) => LayerPrefix + layer.ToString(CultureInfo.InvariantCulture) + "." + tensor;
}
