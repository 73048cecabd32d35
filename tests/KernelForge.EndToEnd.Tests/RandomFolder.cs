using System.Text.Json.Nodes;
using KernelForge.Formats.Safetensors;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Small folders of random weights, of architectures whose cache holds something else than keys and values of heads. No size is a whole number of vectors.</summary>
internal static class RandomFolder
{
    private const int Width = 40;
    private const int Vocabulary = 70;

    /// <summary>Writes a folder: <c>lfm2</c> (convolutions of four taps with biases), <c>deepseek_v2</c> (queries from the stream), <c>deepseek_v3</c> (from latents; halves are rotated) or <c>minicpm3</c>.</summary>
    public static string Write(string root, string kind)
    {
        var path = Directory.CreateDirectory(Path.Combine(root, kind)).FullName;
        File.WriteAllText(Path.Combine(path, "config.json"), JsonNode.Parse(Config(kind))!.ToJsonString());
        var random = new Random(7);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), Tensors(kind).Select(tensor => (tensor.Name, tensor.Shape, Values(random, tensor.Name, tensor.Shape))).ToList());
        return path;
    }

    /// <summary>Values of a tensor by its name and shape: those of norms are near 1.</summary>
    internal static float[] Values(Random random, string name, long[] shape)
    {
        var isNorm = shape.Length == 1 && name.Contains("norm", StringComparison.Ordinal);
        var spread = shape.Length == 1 ? 0.4 : 2 / Math.Sqrt(shape[^1]);
        return [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (float)((isNorm ? 1 : 0) + ((random.NextDouble() - 0.5) * spread)))];
    }

    private static string Config(string kind) => kind == "lfm2"
        ? $$"""
          { "model_type": "lfm2", "hidden_size": {{Width}}, "intermediate_size": 52, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 1, "vocab_size": {{Vocabulary}},
            "max_position_embeddings": 160, "norm_eps": 1e-05, "conv_L_cache": 4, "conv_bias": true, "block_auto_adjust_ff_dim": false,
            "layer_types": ["conv", "full_attention", "conv", "conv"], "rope_theta": 1000000.0, "tie_word_embeddings": true }
          """
        : $$"""
          { "model_type": "{{kind}}", "hidden_size": {{Width}}, "intermediate_size": 52, "num_hidden_layers": 3, "num_attention_heads": 3, "num_key_value_heads": 3, "vocab_size": {{Vocabulary}},
            "max_position_embeddings": 160, "rms_norm_eps": 1e-06, "kv_lora_rank": 20, "q_lora_rank": {{(kind == "deepseek_v2" ? "null" : "28")}}, "qk_nope_head_dim": 11, "qk_rope_head_dim": 6,
            "v_head_dim": 13, "rope_theta": 10000.0, "tie_word_embeddings": false, "hidden_act": "silu", "attention_bias": {{(kind == "minicpm3" ? "false" : "true")}}{{Experts(kind)}} }
          """;

    private static string Experts(string kind) => kind switch
    {
        "deepseek_v2" => """
            , "first_k_dense_replace": 1, "moe_intermediate_size": 14, "n_routed_experts": 6, "n_shared_experts": 2, "num_experts_per_tok": 2, "norm_topk_prob": false,
              "routed_scaling_factor": 1.5, "scoring_func": "softmax", "topk_method": "greedy"
            """,
        "deepseek_v3" => """
            , "first_k_dense_replace": 2, "moe_intermediate_size": 14, "n_routed_experts": 6, "n_shared_experts": 1, "num_experts_per_tok": 2, "norm_topk_prob": true,
              "routed_scaling_factor": 2.5, "scoring_func": "sigmoid", "topk_method": "noaux_tc", "n_group": 2, "topk_group": 1, "rope_interleave": false,
              "rope_scaling": { "rope_type": "yarn", "factor": 4.0, "mscale": 1.0, "mscale_all_dim": 0.7, "original_max_position_embeddings": 40 }
            """,
        _ => """, "scale_depth": 1.4, "scale_emb": 3, "dim_model_base": 20""",
    };

    private static IEnumerable<(string Name, long[] Shape)> Tensors(string kind)
    {
        IEnumerable<(string Name, long[] Shape)> shared = [("model.embed_tokens.weight", [Vocabulary, Width])];
        return kind == "lfm2"
            ? [.. shared, ("model.embedding_norm.weight", [Width]), .. Enumerable.Range(0, 4).SelectMany(Convolving)]
            : [.. shared, ("model.norm.weight", [Width]), ("lm_head.weight", [Vocabulary, Width]), .. Enumerable.Range(0, 3).SelectMany(layer => OverLatents(kind, layer))];
    }

    private static IEnumerable<(string Name, long[] Shape)> Convolving(int layer)
    {
        var prefix = $"model.layers.{layer}.";
        (string, long[])[] mixer = layer == 1
            ? [("self_attn.q_proj.weight", [40, 40]), ("self_attn.k_proj.weight", [10, 40]), ("self_attn.v_proj.weight", [10, 40]), ("self_attn.out_proj.weight", [40, 40]), ("self_attn.q_layernorm.weight", [10]), ("self_attn.k_layernorm.weight", [10])]
            : [("conv.conv.weight", [40, 1, 4]), ("conv.conv.bias", [40]), ("conv.in_proj.weight", [120, 40]), ("conv.in_proj.bias", [120]), ("conv.out_proj.weight", [40, 40]), ("conv.out_proj.bias", [40])];
        return [.. Prefixed(prefix, mixer), .. Prefixed(prefix, [("operator_norm.weight", [40]), ("ffn_norm.weight", [40]), ("feed_forward.w1.weight", [52, 40]), ("feed_forward.w3.weight", [52, 40]), ("feed_forward.w2.weight", [40, 52])])];
    }

    private static IEnumerable<(string Name, long[] Shape)> OverLatents(string kind, int layer)
    {
        (string, long[])[] queries = kind == "deepseek_v2"
            ? [("q_proj.weight", [51, 40])]
            : [("q_a_proj.weight", [28, 40]), ("q_a_layernorm.weight", [28]), ("q_b_proj.weight", [51, 28])];
        (string, long[])[] biases = kind == "minicpm3" ? [] : [("kv_a_proj_with_mqa.bias", [26]), ("o_proj.bias", [40])];
        var prefix = $"model.layers.{layer}.";
        return
        [
            (prefix + "input_layernorm.weight", [40]), (prefix + "post_attention_layernorm.weight", [40]), .. Prefixed(prefix + "self_attn.", queries), .. Prefixed(prefix + "self_attn.", biases),
            .. Prefixed(prefix + "self_attn.", [("kv_a_proj_with_mqa.weight", [26, 40]), ("kv_a_layernorm.weight", [20]), ("kv_b_proj.weight", [72, 20]), ("o_proj.weight", [40, 39])]),
            .. Prefixed(prefix + "mlp.", FeedForward(kind, layer)),
        ];
    }

    private static IEnumerable<(string Name, long[] Shape)> FeedForward(string kind, int layer)
    {
        if (kind == "minicpm3" || layer < (kind == "deepseek_v2" ? 1 : 2))
            return Gated(string.Empty, 52);
        IEnumerable<(string Name, long[] Shape)> correction = kind == "deepseek_v3" ? [("gate.e_score_correction_bias", [6])] : [];
        return [("gate.weight", [6, 40]), .. correction, .. Gated("shared_experts.", kind == "deepseek_v2" ? 28 : 14), .. Enumerable.Range(0, 6).SelectMany(expert => Gated($"experts.{expert}.", 14))];
    }

    private static IEnumerable<(string Name, long[] Shape)> Gated(string prefix, int hidden) =>
        Prefixed(prefix, [("gate_proj.weight", [hidden, 40]), ("up_proj.weight", [hidden, 40]), ("down_proj.weight", [40, hidden])]);

    private static IEnumerable<(string Name, long[] Shape)> Prefixed(string prefix, IEnumerable<(string Name, long[] Shape)> tensors) =>
        tensors.Select(tensor => (prefix + tensor.Name, tensor.Shape));
}
