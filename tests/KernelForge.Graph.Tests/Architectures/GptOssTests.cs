using System.Text.Json;
using KernelForge.Compilation;
using KernelForge.Graphs;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Folders of gpt-oss.</summary>
public sealed class GptOssTests
{
    private const string Config = """
        {
          "model_type": "gpt_oss", "hidden_size": 20, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 8,
          "vocab_size": 40, "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 16,
          "rope_theta": 150000, "attention_bias": true, "hidden_act": "silu", "experts_per_token": 2, "initial_context_length": 64
        }
        """;

    private static readonly (string, long[])[] Tensors =
    [
        ("model.embed_tokens.weight", [40, 20]), ("model.norm.weight", [20]), ("lm_head.weight", [40, 20]), .. Enumerable.Range(0, 2).SelectMany(Layer),
    ];

    [Fact]
    public void Experts_are_columns_of_one_transposed_tensor()
    {
        var mixture = Graph("{}").Nodes.OfType<MixtureNode>().First();
        var expert = mixture.Experts[1];
        expert.Gate.Matrix.ShouldBe(new Weight("model.layers.0.mlp.experts.gate_up_proj", WeightType.F32, 12, 20, new TensorView(480, 1, 2, 2, 24)));
        expert.Up.Matrix.View.ShouldBe(new TensorView(481, 1, 2, 2, 24));
        expert.Down.Matrix.ShouldBe(new Weight("model.layers.0.mlp.experts.down_proj", WeightType.F32, 20, 12, new TensorView(240, 1, 1, 1, 20)));
        expert.Up.Bias.ShouldBe(new Weight("model.layers.0.mlp.experts.gate_up_proj_bias", WeightType.F32, 1, 12, new TensorView(25, 1, 2, 2, 1)));
        expert.Down.Bias!.View.ShouldBe(new TensorView(20, 1, 1, 1, 1));
        mixture.Clamp.ShouldBe(new ClampedUnit(1.702f, 7));
        mixture.Routing.Score.ShouldBe(RoutingScore.SoftmaxOfChosen);
    }

    [Fact]
    public void Every_head_has_a_sink_and_every_other_layer_a_window()
    {
        var attentions = Graph("{}").Nodes.OfType<AttentionNode>().ToList();
        attentions.Select(attention => attention.Sinks!.Tensor).ShouldBe(["model.layers.0.self_attn.sinks", "model.layers.1.self_attn.sinks"]);
        attentions.ShouldAllBe(attention => attention.Sinks!.Columns == 4);
        attentions.Select(attention => attention.Window).ShouldBe([16, 0]);
    }

    [Fact]
    public void The_units_bounds_may_be_named() =>
        Graph("""{"swiglu_limit": 5, "swiglu_alpha": 1.5}""").Nodes.OfType<MixtureNode>().First().Clamp.ShouldBe(new ClampedUnit(1.5f, 5));

    [Fact]
    public void A_scaling_that_is_not_said_is_the_published_one_and_null_switches_it_off()
    {
        Graph("{}").Rotaries[0].ShouldBe(new RotaryTable(4, 150_000, new RotaryScaling.Yarn(32, 4096, 1 + (0.1 * Math.Log(32)), 32, 1, Truncate: false)));
        Graph("""{"rope_scaling": null}""").Rotaries[0].Scaling.ShouldBe(new RotaryScaling.Default());
        Graph("""{"rope_parameters": {"rope_type": "default", "rope_theta": 150000}}""").Rotaries[0].Scaling.ShouldBe(new RotaryScaling.Default());
    }

    [Theory]
    [InlineData("""{"swiglu_limit": 0}""", "swiglu_limit")]
    [InlineData("""{"layer_types": ["sliding_attention", "chunked_attention"]}""", "layer_types")]
    [InlineData("""{"layer_types": ["full_attention"]}""", "layer_types")]
    [InlineData("""{"num_experts_per_tok": 5}""", "num_experts_per_tok")]
    [InlineData("""{"num_local_experts": 8}""", "gate_up_proj")]
    [InlineData("""{"swiglu_beta": 2}""", "swiglu_beta")]
    public void A_wrong_configuration_is_named(string changes, string expected) => ModelFolder.Refusal(Config, changes, Tensors).ShouldContain(expected);

    [Fact]
    public void Quantized_experts_are_rows_of_one_tensor_that_is_not_transposed()
    {
        // As a folder of MXFP4 is described: matrices of codes, whose rows are outputs.
        using var config = JsonDocument.Parse(Config);
        var metadata = config.RootElement.EnumerateObject()
            .Select(option => (option.Name, Text: option.Name is "hidden_size" ? "32" : option.Value.ToString().ToLowerInvariant(), option.Value.ValueKind))
            .Select(option => new MetadataEntry("config." + option.Name, Type(option.ValueKind, option.Text), option.Text))
            .Prepend(new MetadataEntry("kernelforge.layout", MetadataType.String, "huggingface"));
        var tensors = Tensors.Select(tensor => tensor switch
        {
            (var name, [4, 20, 24]) => Entry(name, WeightType.Q8_0, 4, 24, 32),
            (var name, [4, 12, 20]) => Entry(name, WeightType.F32, 4, 32, 12),
            (var name, var shape) => Entry(name, WeightType.F32, [.. shape.Select(size => size == 20 ? 32 : size)]),
        });
        var result = PlanCompiler.BuildGraph(new Manifest(
            new SourceIdentity("folder", 1_000, "00112233445566778899aabbccddeeff"), "gpt_oss", metadata.ToEquatableArray(), tensors.ToEquatableArray()));
        result.Problems.ShouldBeEmpty();
        var expert = result.Graph!.Nodes.OfType<MixtureNode>().First().Experts[1];
        expert.Gate.Matrix.ShouldBe(new Weight("model.layers.0.mlp.experts.gate_up_proj", WeightType.Q8_0, 12, 32, new TensorView(768, 1, 64, 64, 1)));
        expert.Up.Matrix.View.ShouldBe(new TensorView(800, 1, 64, 64, 1));
        expert.Down.Matrix.View.ShouldBe(new TensorView(384, 1, 12, 12, 1));
        expert.Up.Bias!.View.ShouldBe(new TensorView(25, 1, 2, 2, 1));

        static MetadataType Type(JsonValueKind kind, string text) => kind switch
        {
            JsonValueKind.String => MetadataType.String,
            JsonValueKind.True or JsonValueKind.False => MetadataType.Boolean,
            _ => text.Contains('e', StringComparison.Ordinal) ? MetadataType.Float : MetadataType.Integer,
        };

        static TensorEntry Entry(string name, WeightType type, params long[] shape) => new(name, (int)type, shape.ToEquatableArray(), 0, 0);
    }

    private static ModelGraph Graph(string changes) => ModelFolder.Graph(Config, changes, Tensors);

    private static (string, long[])[] Layer(int layer)
    {
        var prefix = $"model.layers.{layer}.";
        return
        [
            (prefix + "input_layernorm.weight", [20]), (prefix + "post_attention_layernorm.weight", [20]), (prefix + "self_attn.sinks", [4]),
            (prefix + "self_attn.q_proj.weight", [32, 20]), (prefix + "self_attn.k_proj.weight", [8, 20]), (prefix + "self_attn.v_proj.weight", [8, 20]),
            (prefix + "self_attn.q_proj.bias", [32]), (prefix + "self_attn.o_proj.weight", [20, 32]), (prefix + "self_attn.o_proj.bias", [20]),
            (prefix + "mlp.router.weight", [4, 20]), (prefix + "mlp.router.bias", [4]),
            (prefix + "mlp.experts.gate_up_proj", [4, 20, 24]), (prefix + "mlp.experts.gate_up_proj_bias", [4, 24]),
            (prefix + "mlp.experts.down_proj", [4, 12, 20]), (prefix + "mlp.experts.down_proj_bias", [4, 20]),
        ];
    }
}
