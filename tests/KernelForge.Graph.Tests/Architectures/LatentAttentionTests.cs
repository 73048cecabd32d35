using System.Text.Json.Nodes;
using KernelForge.Compilation;
using KernelForge.Graphs;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>DeepSeek's models and MiniCPM3: attention over latents, and groups of experts.</summary>
public sealed class LatentAttentionTests
{
    private const string Config = """
        {
          "model_type": "deepseek_v3", "hidden_size": 20, "intermediate_size": 24, "moe_intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
          "num_key_value_heads": 3, "q_lora_rank": 12, "kv_lora_rank": 8, "qk_nope_head_dim": 6, "qk_rope_head_dim": 4, "v_head_dim": 10, "vocab_size": 40,
          "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "n_routed_experts": 8, "num_experts_per_tok": 3, "n_group": 4, "topk_group": 2, "n_shared_experts": 2,
          "first_k_dense_replace": 1, "norm_topk_prob": true, "routed_scaling_factor": 2.5, "hidden_act": "silu", "rope_theta": 10000, "ep_size": 1, "moe_layer_freq": 1
        }
        """;

    private const string Second = """ "model_type": "deepseek_v2", "norm_topk_prob": false, """;

    [Fact]
    public void Keys_and_values_are_matrices_over_a_latent()
    {
        var graph = Graph("{}");
        var latent = graph.Nodes.OfType<LatentAttentionNode>().First();
        latent.Keys.Matrix.ShouldBe(new Weight("model.layers.0.self_attn.kv_b_proj.weight", WeightType.F32, 18, 8, new TensorView(0, 6, 128, 8, 1)));
        latent.Values.Matrix.ShouldBe(new Weight("model.layers.0.self_attn.kv_b_proj.weight", WeightType.F32, 30, 8, new TensorView(48, 10, 128, 8, 1)));
        (latent.Heads, latent.PlainSize, latent.RotatedSize, latent.ValueSize, latent.Width, latent.AdjacentPairs).ShouldBe((3, 6, 4, 10, 30, true));
        latent.Scale.ShouldBe((float)(1 / Math.Sqrt(10)));
        graph.Rotaries[0].Pairs.ShouldBe(2);
        ((NormNode)graph.Nodes[latent.Inputs[1]]).Norm.Epsilon.ShouldBe(1e-6f);
    }

    [Fact]
    public void Queries_may_come_from_the_stream()
    {
        var graph = Graph("""{"q_lora_rank": null}""");
        var query = (LinearNode)graph.Nodes[graph.Nodes.OfType<LatentAttentionNode>().First().Inputs[0]];
        query.Parts[0].Matrix.ShouldBe(new Weight("model.layers.0.self_attn.q_proj.weight", WeightType.F32, 30, 20));
    }

    [Theory]
    [InlineData("""{"rope_scaling": {"type": "yarn", "factor": 4, "original_max_position_embeddings": 16, "mscale": 1, "mscale_all_dim": 1}}""")]
    [InlineData("""{"rope_theta": null, "rope_parameters": {"rope_theta": 10000, "rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 16, "mscale": 1, "mscale_all_dim": 1}}""")]
    public void Yarn_multiplies_the_scores_twice(string changes)
    {
        var graph = Graph(changes);
        var amplitude = 1 + (0.1 * Math.Log(4));
        graph.Nodes.OfType<LatentAttentionNode>().First().Scale.ShouldBe((float)(amplitude * amplitude / Math.Sqrt(10)), 1e-7f);
        graph.Rotaries[0].Scaling.ShouldBe(new RotaryScaling.Yarn(4, 16, 1, 32, 1, Truncate: true));
    }

    [Fact]
    public void Pairs_may_be_halves() => Graph("""{"rope_interleave": false}""").Nodes.OfType<LatentAttentionNode>().ShouldAllBe(latent => !latent.AdjacentPairs);

    [Theory]
    [InlineData("{}", 4, 2, 2)]
    [InlineData("{" + Second + """ "topk_method": "group_limited_greedy"}""", 4, 2, 1)]
    [InlineData("{" + Second + """ "topk_method": "greedy"}""", 1, 1, 1)]
    public void Groups_stand_by_their_best_experts(string changes, int groups, int active, int score)
    {
        var graph = Graph(changes);
        var routing = graph.Nodes.OfType<MixtureNode>().Single().Routing;
        (routing.Groups, routing.ActiveGroups, routing.GroupScore, routing.Scale).ShouldBe((groups, active, score, 2.5f));
        graph.Nodes.OfType<MixtureNode>().Single().Layer.ShouldBe(1);
    }

    [Fact]
    public void What_DeepSeek_V3_does_not_say_is_its_authors_default()
    {
        var mixture = ModelFolder.Graph(Without("n_shared_experts", "routed_scaling_factor", "norm_topk_prob"), "{}", [.. Tensors.Where(NoShared), .. FeedForward(Shared, 12)])
            .Nodes.OfType<MixtureNode>().Single();
        (mixture.Routing.Scale, mixture.Routing.LeastSum).ShouldBe((2.5f, 1e-20f));
        ModelFolder.Refusal(Without("n_group"), "{}", Tensors).ShouldContain("n_group (8), of which 2");
        ModelFolder.Refusal(Without("topk_group"), """{"n_group": 2}""", Tensors).ShouldContain("n_group (2), of which 4");
        ModelFolder.Graph(Without("topk_group"), "{}", Tensors).Nodes.OfType<MixtureNode>().Single().Routing.ActiveGroups.ShouldBe(4);
        ModelFolder.Refusal(Without("first_k_dense_replace"), "{}", Tensors).ShouldContain("model.layers.1.mlp.gate_proj.weight");
    }

    [Fact]
    public void What_DeepSeek_V2_does_not_say_is_its_authors_default()
    {
        var graph = ModelFolder.Graph(Without("n_shared_experts", "routed_scaling_factor"), """{"model_type": "deepseek_v2", "norm_topk_prob": false}""", [.. Tensors.Where(NoCorrection)]);
        graph.Nodes.OfType<MixtureNode>().Single().Routing.Scale.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"topk_method": "greedy"}""", "topk_method")]
    [InlineData("""{"scoring_func": "softmax"}""", "scoring_func")]
    [InlineData("{" + Second + """ "topk_method": "noaux_tc"}""", "topk_method")]
    [InlineData("""{"model_type": "deepseek_v2"}""", "norm_topk_prob")]
    [InlineData("""{"n_group": 3}""", "n_group")]
    [InlineData("""{"n_group": 8}""", "n_group")]
    [InlineData("""{"topk_group": 1, "num_experts_per_tok": 3}""", "n_group")]
    [InlineData("""{"topk_group": 5}""", "topk_group")]
    [InlineData("""{"qk_head_dim": 11}""", "qk_head_dim")]
    [InlineData("""{"head_dim": 6}""", "head_dim")]
    [InlineData("""{"num_key_value_heads": 1}""", "num_key_value_heads")]
    [InlineData("""{"qk_rope_head_dim": 5}""", "rotary pairs")]
    [InlineData("""{"kv_lora_rank": 0}""", "kv_lora_rank")]
    [InlineData("""{"v_head_dim": 9}""", "kv_b_proj")]
    [InlineData("""{"moe_layer_freq": 2}""", "moe_layer_freq")]
    [InlineData("""{"query_bias": true}""", "query_bias")]
    public void A_wrong_configuration_is_named(string changes, string expected) => ModelFolder.Refusal(Config, changes, Tensors).ShouldContain(expected);

    [Fact]
    public void Gguf_may_have_keys_and_values_apart()
    {
        var latent = Gguf(apart: true).Nodes.OfType<LatentAttentionNode>().Single();
        latent.Keys.Matrix.ShouldBe(new Weight("blk.0.attn_k_b.weight", WeightType.F32, 18, 8, new TensorView(0, 6, 48, 1, 6)));
        latent.Values.Matrix.ShouldBe(new Weight("blk.0.attn_v_b.weight", WeightType.F32, 30, 8));
        (latent.PlainSize, latent.RotatedSize, latent.ValueSize).ShouldBe((6, 4, 10));
    }

    [Fact]
    public void Gguf_may_leave_the_size_of_values_to_the_matrix()
    {
        var graph = Gguf(apart: false);
        graph.Nodes.OfType<LatentAttentionNode>().Single().ValueSize.ShouldBe(10);
        ((EmbeddingNode)graph.Nodes[0]).Factor.ShouldBe(12);
    }

    private static ModelGraph Graph(string changes) => ModelFolder.Graph(Config, changes, changes.Contains("deepseek_v2", StringComparison.Ordinal) ? [.. Tensors.Where(NoCorrection)] : changes.Contains("q_lora", StringComparison.Ordinal) ? [.. Tensors.Where(NoQueryLatent), .. Queries] : Tensors);

    private const string Shared = "model.layers.1.mlp.shared_experts.";

    private static bool NoShared((string Name, long[] Shape) tensor) => !tensor.Name.StartsWith(Shared, StringComparison.Ordinal);

    private static string Without(params string[] options)
    {
        var config = JsonNode.Parse(Config)!.AsObject();
        foreach (var option in options)
            config.Remove(option).ShouldBeTrue();
        return config.ToJsonString();
    }

    private static bool NoCorrection((string Name, long[] Shape) tensor) => !tensor.Name.EndsWith("correction_bias", StringComparison.Ordinal);

    private static bool NoQueryLatent((string Name, long[] Shape) tensor) => !tensor.Name.Contains(".q_", StringComparison.Ordinal);

    private static readonly (string, long[])[] Queries = [.. Enumerable.Range(0, 2).Select(layer => ($"model.layers.{layer}.self_attn.q_proj.weight", new long[] { 30, 20 }))];

    private static readonly (string Name, long[] Shape)[] Tensors =
    [
        ("model.embed_tokens.weight", [40, 20]), ("model.norm.weight", [20]), ("lm_head.weight", [40, 20]), .. Enumerable.Range(0, 2).SelectMany(Attention),
        .. FeedForward("model.layers.0.mlp.", 24), .. FeedForward(Shared, 24),
        .. Enumerable.Range(0, 8).SelectMany(expert => FeedForward($"model.layers.1.mlp.experts.{expert}.", 12)),
        ("model.layers.1.mlp.gate.weight", [8, 20]), ("model.layers.1.mlp.gate.e_score_correction_bias", [8]),
    ];

    private static (string, long[])[] Attention(int layer)
    {
        var prefix = $"model.layers.{layer}.";
        return
        [
            (prefix + "input_layernorm.weight", [20]), (prefix + "post_attention_layernorm.weight", [20]), (prefix + "self_attn.q_a_proj.weight", [12, 20]),
            (prefix + "self_attn.q_a_layernorm.weight", [12]), (prefix + "self_attn.q_b_proj.weight", [30, 12]), (prefix + "self_attn.kv_a_proj_with_mqa.weight", [12, 20]),
            (prefix + "self_attn.kv_a_layernorm.weight", [8]), (prefix + "self_attn.kv_b_proj.weight", [48, 8]), (prefix + "self_attn.o_proj.weight", [20, 30]),
        ];
    }

    private static (string, long[])[] FeedForward(string prefix, int hidden) =>
        [(prefix + "gate_proj.weight", [hidden, 20]), (prefix + "up_proj.weight", [hidden, 20]), (prefix + "down_proj.weight", [20, hidden])];

    /// <summary>A MiniCPM3 of one layer.</summary>
    private static ModelGraph Gguf(bool apart)
    {
        (string Key, long Value)[] metadata =
        [
            ("attention.head_count", 3), ("attention.head_count_kv", 3), ("attention.key_length", 10), ("attention.kv_lora_rank", 8), ("attention.q_lora_rank", 12),
            ("block_count", 1), ("context_length", 64), ("embedding_length", 20), ("feed_forward_length", 24), ("rope.dimension_count", 4), ("vocab_size", 40),
        ];
        (string, long[])[] up = apart ? [("attn_k_b.weight", [3, 8, 6]), ("attn_v_b.weight", [3, 10, 8])] : [("attn_kv_b.weight", [48, 8])];
        (string Name, long[] Shape)[] layer =
        [
            ("attn_norm.weight", [20]), ("attn_q_a.weight", [12, 20]), ("attn_q_a_norm.weight", [12]), ("attn_q_b.weight", [30, 12]), ("attn_kv_a_mqa.weight", [12, 20]),
            ("attn_kv_a_norm.weight", [8]), .. up, ("attn_output.weight", [20, 30]), ("ffn_norm.weight", [20]), ("ffn_gate.weight", [24, 20]), ("ffn_up.weight", [24, 20]), ("ffn_down.weight", [20, 24]),
        ];
        (string Name, long[] Shape)[] tensors = [("token_embd.weight", [40, 20]), ("output_norm.weight", [20]), .. layer.Select(tensor => ("blk.0." + tensor.Name, tensor.Shape))];
        var entries = metadata.Select(entry => LlamaManifest.Integer("minicpm3." + entry.Key, entry.Value))
            .Append(new MetadataEntry("minicpm3.attention.layer_norm_rms_epsilon", MetadataType.Float, "1E-05"))
            .Concat(apart ? [LlamaManifest.Integer("minicpm3.attention.value_length", 10)] : []);
        var result = PlanCompiler.BuildGraph(new Manifest(
            new SourceIdentity("model.gguf", 1_000, "00112233445566778899aabbccddeeff"), "minicpm3", entries.ToEquatableArray(),
            tensors.Select(tensor => new TensorEntry(tensor.Name, (int)WeightType.F32, tensor.Shape.ToEquatableArray(), 0, 4 * tensor.Shape.Aggregate((a, b) => a * b))).ToEquatableArray()));
        result.Problems.ShouldBeEmpty();
        return result.Graph!;
    }
}
