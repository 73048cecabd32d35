using KernelForge.Graphs;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Folders of LFM2: which layers have a convolution, and how wide the feed-forward is.</summary>
public sealed class Lfm2Tests
{
    private const string Config = """
        {
          "model_type": "lfm2", "hidden_size": 24, "intermediate_size": 30, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 1, "vocab_size": 40,
          "max_position_embeddings": 64, "norm_eps": 1e-05, "conv_L_cache": 4, "conv_bias": false, "block_auto_adjust_ff_dim": false, "block_ffn_dim_multiplier": 1.0,
          "block_multiple_of": 256, "layer_types": ["conv", "full_attention", "conv"], "rope_theta": 1000000.0, "conv_dim": 24, "tie_word_embeddings": true
        }
        """;

    [Fact]
    public void A_convolution_reads_three_parts_of_one_matrix()
    {
        var graph = ModelFolder.Graph(Config, "{}", Tensors(30));
        var convolution = graph.Nodes.OfType<ShortConvolutionNode>().First();
        convolution.Taps.ShouldBe(new Weight("model.layers.0.conv.conv.weight", WeightType.F32, 24, 4));
        convolution.Inputs.Select(input => ((LinearNode)graph.Nodes[input]).Parts[0].Matrix.View!.Start).ShouldBe([0, 576, 1152]);
        graph.Nodes.OfType<ShortConvolutionNode>().Select(node => node.Layer).ShouldBe([0, 2]);
        graph.Nodes.OfType<AttentionNode>().Single().Layer.ShouldBe(1);
    }

    [Fact]
    public void Indices_may_say_which_layers_attend() =>
        ModelFolder.Graph(Config, """{"layer_types": null, "full_attn_idxs": [1]}""", Tensors(30)).Nodes.OfType<AttentionNode>().Single().Layer.ShouldBe(1);

    [Fact]
    public void The_feed_forward_may_be_adjusted() =>
        // 2/3 of 31 is 20; twice that is 40, and the next multiple of 16 is 48.
        ModelFolder.Graph(Config, """{"block_auto_adjust_ff_dim": true, "block_ff_dim": 31, "block_ffn_dim_multiplier": 2, "block_multiple_of": 16}""", Tensors(48))
            .Nodes.OfType<GateNode>().ShouldAllBe(gate => gate.Width == 48);

    [Theory]
    [InlineData("""{"layer_types": ["conv", "sliding_attention", "conv"]}""", "layer_types")]
    [InlineData("""{"layer_types": ["conv", "conv"]}""", "layer_types")]
    [InlineData("""{"conv_L_cache": 0}""", "conv_L_cache")]
    [InlineData("""{"conv_L_cache": 3}""", "conv.conv.weight")]
    [InlineData("""{"conv_L_cache": null}""", "conv_L_cache")]
    [InlineData("""{"conv_dim": 16}""", "conv_dim")]
    [InlineData("""{"num_heads": 2}""", "num_heads")]
    [InlineData("""{"block_use_swiglu": false}""", "block_use_swiglu")]
    [InlineData("""{"block_auto_adjust_ff_dim": true, "block_ffn_dim_multiplier": 1000, "intermediate_size": 4000000}""", "block_ffn_dim_multiplier")]
    public void A_wrong_configuration_is_named(string changes, string expected) => ModelFolder.Refusal(Config, changes, Tensors(30)).ShouldContain(expected);

    private static (string, long[])[] Tensors(int hidden) =>
    [
        ("model.embed_tokens.weight", [40, 24]), ("model.embedding_norm.weight", [24]), .. Convolution(0), .. Convolution(2),
        ("model.layers.1.self_attn.q_proj.weight", [24, 24]), ("model.layers.1.self_attn.k_proj.weight", [6, 24]), ("model.layers.1.self_attn.v_proj.weight", [6, 24]),
        ("model.layers.1.self_attn.out_proj.weight", [24, 24]), ("model.layers.1.self_attn.q_layernorm.weight", [6]), ("model.layers.1.self_attn.k_layernorm.weight", [6]),
        .. Enumerable.Range(0, 3).SelectMany(layer => FeedForward($"model.layers.{layer}.", hidden)),
    ];

    private static (string, long[])[] Convolution(int layer) =>
    [
        ($"model.layers.{layer}.conv.conv.weight", [24, 1, 4]), ($"model.layers.{layer}.conv.in_proj.weight", [72, 24]), ($"model.layers.{layer}.conv.out_proj.weight", [24, 24]),
    ];

    private static (string, long[])[] FeedForward(string prefix, int hidden) =>
    [
        (prefix + "operator_norm.weight", [24]), (prefix + "ffn_norm.weight", [24]),
        (prefix + "feed_forward.w1.weight", [hidden, 24]), (prefix + "feed_forward.w3.weight", [hidden, 24]), (prefix + "feed_forward.w2.weight", [24, hidden]),
    ];
}
