using KernelForge.Graphs;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Options of folders: what is not said is the authors' default, null switches off, and what layers have follows the authors' rules.</summary>
public sealed class FolderOptionTests
{
    private const string Config = """
        {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 24, "max_position_embeddings": 8192, "vocab_size": 6, "tie_word_embeddings": true}
        """;

    private static readonly string[] PreNorm = ["input_layernorm", "post_attention_layernorm"];
    private static readonly string[] PostNorm = ["post_attention_layernorm", "post_feedforward_layernorm"];
    private static readonly string[] Sandwich = ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"];
    private static readonly string[] Single = ["input_layernorm"];

    [Theory]
    [InlineData("llama", "{}", 0, 0, 0, 0)]
    [InlineData("mistral", "{}", 4096, 4096, 4096, 4096)]
    [InlineData("mistral", """{"sliding_window": null}""", 0, 0, 0, 0)]
    [InlineData("mistral", """{"sliding_window": 16}""", 16, 16, 16, 16)]
    [InlineData("qwen2", """{"sliding_window": 16}""", 0, 0, 0, 0)]
    [InlineData("qwen2", """{"use_sliding_window": true, "sliding_window": 16}""", 0, 0, 0, 0)]
    [InlineData("qwen2", """{"use_sliding_window": true, "max_window_layers": 2}""", 0, 0, 4096, 4096)]
    [InlineData("smollm3", """{"use_sliding_window": true, "sliding_window": 16, "max_window_layers": 1}""", 0, 0, 0, 16)]
    [InlineData("smollm3", """{"use_sliding_window": true, "sliding_window": 16, "no_rope_layers": [0, 1, 0, 1]}""", 16, 0, 16, 0)]
    [InlineData("exaone4", "{}", 4096, 4096, 4096, 0)]
    [InlineData("exaone4", """{"sliding_window": null}""", 0, 0, 0, 0)]
    [InlineData("exaone4", """{"sliding_window_pattern": 2}""", 4096, 0, 4096, 0)]
    [InlineData("exaone4", """{"sliding_window_pattern": "GLL"}""", 0, 4096, 4096, 0)]
    [InlineData("gemma2", "{}", 4096, 0, 4096, 0)]
    [InlineData("cohere2", """{"sliding_window_pattern": 2}""", 4096, 0, 4096, 0)]
    public void Windows_follow_the_authors_rules(string type, string changes, params int[] expected) =>
        Graph(type, changes).Nodes.OfType<AttentionNode>().Select(attention => attention.Window).ShouldBe(expected);

    [Theory]
    [InlineData("llama", 10_000, 1e-6f)]
    [InlineData("smollm3", 2_000_000, 1e-6f)]
    [InlineData("ernie4_5", 500_000, 1e-5f)]
    [InlineData("cohere", 500_000, 1e-5f)]
    [InlineData("cohere2", 10_000, 1e-5f)]
    [InlineData("exaone4", 10_000, 1e-5f)]
    [InlineData("gemma2", 10_000, 1e-6f)]
    public void Bases_and_epsilons_have_defaults(string type, double theta, float epsilon)
    {
        var graph = Graph(type, "{}");
        graph.Rotaries.ShouldHaveSingleItem().Theta.ShouldBe(theta);
        graph.Nodes.OfType<NormNode>().ShouldAllBe(node => node.Norm.Epsilon == epsilon);
    }

    [Fact]
    public void Bounds_of_Gemma_2_have_defaults_that_null_switches_off()
    {
        var published = Graph("gemma2", "{}");
        published.Nodes.OfType<AttentionNode>().ShouldAllBe(attention => attention.Softcap == 50 && attention.Scale == 1 / 16f);
        published.Nodes.OfType<SoftcapNode>().ShouldHaveSingleItem().Softcap.ShouldBe(30);
        var off = Graph("gemma2", """{"attn_logit_softcapping": null, "final_logit_softcapping": null}""");
        off.Nodes.OfType<AttentionNode>().ShouldAllBe(attention => attention.Softcap == 0);
        off.Nodes.OfType<SoftcapNode>().ShouldBeEmpty();
    }

    [Fact]
    public void Logits_of_Command_R_have_a_default_factor() =>
        Graph("cohere", "{}").Nodes.OfType<NormNode>().Single(node => node.Layer < 0).Norm.Scale!.Factor.ShouldBe(0.0625f);

    [Fact]
    public void The_activation_has_an_older_name_that_counts_where_the_newer_is_missing()
    {
        Activation Of(string changes) => Graph("gemma2", changes).Nodes.OfType<GateNode>().First().Activation;
        Of("""{"hidden_act": "gelu", "hidden_activation": "gelu_pytorch_tanh"}""").ShouldBe(Activation.GeluTanh);
        Of("""{"hidden_act": "gelu"}""").ShouldBe(Activation.Gelu);
    }

    [Theory]
    [InlineData("llama", """{"model_max_length": 8192, "some_token_id": 3, "use_flash_attention": true}""")]
    [InlineData("cohere2", """{"order_of_interleaved_layers": "local_attn_first", "position_embedding_type": "rope_gptj", "rotary_pct": 1.0, "use_parallel_block": true, "layer_switch": 4}""")]
    [InlineData("ernie4_5", """{"use_rmsnorm": true}""")]
    public void What_published_folders_say_beside_is_let_pass(string type, string changes) => Graph(type, changes).Layers.ShouldBe(4);

    [Theory]
    [InlineData("llama", """{"sliding_window": 16}""", "sliding_window")]
    [InlineData("cohere2", """{"order_of_interleaved_layers": "global_attn_first"}""", "order_of_interleaved_layers")]
    [InlineData("cohere2", """{"use_parallel_block": false}""", "use_parallel_block")]
    [InlineData("ernie4_5", """{"use_rmsnorm": false}""", "use_rmsnorm")]
    [InlineData("exaone4", """{"sliding_window_pattern": "LLX"}""", "sliding_window_pattern")]
    public void What_would_be_another_model_is_refused(string type, string changes, string option) =>
        ModelFolder.Refusal(Typed(type), changes, Tensors(type)).ShouldContain(option);

    [Fact]
    public void Norms_of_heads_in_vectors_of_their_own_are_one()
    {
        var heads = Enumerable.Range(0, 4).SelectMany(layer => new[] { "q", "k" }.SelectMany(
            name => Enumerable.Range(0, 2).Select(head => ($"model.layers.{layer}.self_attn.{name}_layernorm.norms.{head}.weight", new long[] { 16 }))));
        var graph = ModelFolder.Graph(Typed("stablelm"), """{"qk_layernorm": true, "use_parallel_residual": true, "partial_rotary_factor": 0.25}""", [.. Tensors("stablelm"), .. heads]);
        var norm = graph.Nodes.OfType<AttentionNode>().First().HeadNorms!.Query;
        norm.Kind.ShouldBe(NormKind.Layer);
        norm.Scale.ShouldBe(new Weight("model.layers.0.self_attn.q_layernorm.weight", WeightType.F32, 1, 32));
    }

    private static ModelGraph Graph(string type, string changes) => ModelFolder.Graph(Typed(type), changes, Tensors(type));

    private static string Typed(string type) => Config.Trim().TrimEnd('}') + $", \"model_type\": \"{type}\"" + "}";

    private static (string, long[])[] Tensors(string type)
    {
        var norms = type switch { "exaone4" => PostNorm, "gemma2" => Sandwich, "cohere" or "cohere2" or "stablelm" => Single, _ => PreNorm };
        return [("model.embed_tokens.weight", [6, 32]), ("model.norm.weight", [32]), .. Enumerable.Range(0, 4).SelectMany(Layer)];

        IEnumerable<(string, long[])> Layer(int layer)
        {
            var path = $"model.layers.{layer}.";
            foreach (var norm in norms)
                yield return (path + norm + ".weight", [32]);
            foreach (var name in (string[])["q", "k", "v", "o"])
                yield return (path + $"self_attn.{name}_proj.weight", [32, 32]);
            yield return (path + "mlp.gate_proj.weight", [24, 32]);
            yield return (path + "mlp.up_proj.weight", [24, 32]);
            yield return (path + "mlp.down_proj.weight", [32, 24]);
            if (type != "exaone4")
                yield break;
            yield return (path + "self_attn.q_norm.weight", [16]);
            yield return (path + "self_attn.k_norm.weight", [16]);
        }
    }
}
