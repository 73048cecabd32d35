using KernelForge.Graphs;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Folders of Llama 4's text part: what its layers differ in.</summary>
public sealed class Llama4Tests
{
    private const string Config = """
        {
          "model_type": "llama4_text", "hidden_size": 20, "intermediate_size": 12, "intermediate_size_mlp": 28, "num_hidden_layers": 3, "num_attention_heads": 2,
          "num_key_value_heads": 1, "head_dim": 8, "vocab_size": 40, "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "num_local_experts": 4, "num_experts_per_tok": 1,
          "attention_chunk_size": 16, "no_rope_layer_interval": 3, "interleave_moe_layer_step": 2, "use_qk_norm": true, "attn_temperature_tuning": true, "attn_scale": 0.2,
          "floor_scale": 8, "rope_theta": 500000.0, "hidden_act": "silu"
        }
        """;

    private static readonly (string, long[])[] Tensors =
    [
        ("model.embed_tokens.weight", [40, 20]), ("model.norm.weight", [20]), ("lm_head.weight", [40, 20]), .. Enumerable.Range(0, 3).SelectMany(Attention),
        .. FeedForward("model.layers.0.feed_forward.", 28), .. FeedForward("model.layers.2.feed_forward.", 28), .. FeedForward("model.layers.1.feed_forward.shared_expert.", 12),
        ("model.layers.1.feed_forward.router.weight", [4, 20]),
        ("model.layers.1.feed_forward.experts.gate_up_proj", [4, 20, 24]), ("model.layers.1.feed_forward.experts.down_proj", [4, 12, 20]),
    ];

    [Fact]
    public void Layers_that_rotate_see_a_chunk_and_the_others_have_a_temperature()
    {
        var attentions = Graph("{}").Nodes.OfType<AttentionNode>().ToList();
        attentions.Select(attention => attention.Chunk).ShouldBe([16, 16, 0]);
        attentions.Select(attention => attention.Rotary).ShouldBe([0, 0, -1]);
        attentions.Select(attention => attention.Temperature).ShouldBe([null, null, new QueryTemperature(0.2, 8)]);
        attentions.Select(attention => attention.HeadNorms is { AfterRotary: true, Query.Scale: null }).ShouldBe([true, true, false]);
    }

    [Fact]
    public void A_token_has_one_expert_whose_input_is_scaled()
    {
        var mixture = Graph("{}").Nodes.OfType<MixtureNode>().Single();
        mixture.Layer.ShouldBe(1);
        mixture.Routing.ShouldBe(new Routing(1, RoutingScore.Sigmoid, ScalesInput: true));
        mixture.Experts[2].Gate.Matrix.View.ShouldBe(new TensorView(960, 1, 1, 1, 24));
        mixture.Experts[2].Up.Matrix.View.ShouldBe(new TensorView(972, 1, 1, 1, 24));
        mixture.Experts[2].Down.Matrix.View.ShouldBe(new TensorView(480, 1, 1, 1, 20));
    }

    [Fact]
    public void Options_may_be_off()
    {
        var attentions = Graph("""{"use_qk_norm": false, "attn_temperature_tuning": false, "no_rope_layers": [1, 0, 1], "layer_types": ["full_attention", "full_attention", "chunked_attention"]}""")
            .Nodes.OfType<AttentionNode>().ToList();
        attentions.ShouldAllBe(attention => attention.HeadNorms == null && attention.Temperature == null);
        attentions.Select(attention => attention.Rotary).ShouldBe([0, -1, 0]);
        attentions.Select(attention => attention.Chunk).ShouldBe([0, 0, 16]);
    }

    [Fact]
    public void Layers_with_experts_may_be_named() =>
        Graph("""{"moe_layers": [1], "interleave_moe_layer_step": 1}""").Nodes.OfType<MixtureNode>().Single().Layer.ShouldBe(1);

    [Fact]
    public void A_chunk_longer_than_the_context_is_none() => Graph("""{"attention_chunk_size": 8192}""").Nodes.OfType<AttentionNode>().ShouldAllBe(attention => attention.Chunk == 0);

    [Theory]
    [InlineData("""{"layer_types": ["full_attention", "full_attention", "sliding_attention"]}""", "layer_types")]
    [InlineData("""{"layer_types": ["full_attention"]}""", "layer_types")]
    [InlineData("""{"no_rope_layers": [1, 2, 1]}""", "no_rope_layers")]
    [InlineData("""{"no_rope_layers": [1]}""", "no_rope_layers")]
    [InlineData("""{"attention_chunk_size": 0}""", "attention_chunk_size")]
    [InlineData("""{"floor_scale": 0}""", "floor_scale")]
    [InlineData("""{"num_experts_per_tok": 5}""", "num_experts_per_tok")]
    [InlineData("""{"intermediate_size_mlp": null}""", "intermediate_size_mlp")]
    [InlineData("""{"interleave_moe_layer_step": 1}""", "router")]
    public void A_wrong_configuration_is_named(string changes, string expected) => ModelFolder.Refusal(Config, changes, Tensors).ShouldContain(expected);

    private static ModelGraph Graph(string changes) => ModelFolder.Graph(Config, changes, Tensors);

    private static (string, long[])[] Attention(int layer)
    {
        var prefix = $"model.layers.{layer}.";
        return
        [
            (prefix + "input_layernorm.weight", [20]), (prefix + "post_attention_layernorm.weight", [20]), (prefix + "self_attn.q_proj.weight", [16, 20]),
            (prefix + "self_attn.k_proj.weight", [8, 20]), (prefix + "self_attn.v_proj.weight", [8, 20]), (prefix + "self_attn.o_proj.weight", [20, 16]),
        ];
    }

    private static (string, long[])[] FeedForward(string prefix, int hidden) =>
        [(prefix + "gate_proj.weight", [hidden, 20]), (prefix + "up_proj.weight", [hidden, 20]), (prefix + "down_proj.weight", [20, hidden])];
}
