using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Folders of models that see images.</summary>
public sealed class VisionTests
{
    private const string Siglip = """
        "model_type": "siglip_vision_model", "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 3, "image_size": 33, "patch_size": 8,
        "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-06
        """;

    private const string Text = """
        "model_type": "llama", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 40,
        "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "rope_theta": 10000
        """;

    private const string Llava = $$$"""
        {
          "model_type": "llava", "image_token_index": 7, "vision_feature_layer": -2, "vision_feature_select_strategy": "full", "projector_hidden_act": "gelu", "image_seq_length": 16,
          "vision_config": { {{{Siglip}}} }, "text_config": { {{{Text}}} }
        }
        """;

    private const string Idefics = $$$"""
        {
          "model_type": "idefics3", "image_token_id": 7, "scale_factor": 4, "vision_config": { {{{Siglip}}}, "use_base_siglip": false, "max_image_size": {"longest_edge": 32} },
          "text_config": { {{{Text}}}, "neftune_noise_alpha": 0.0, "perceiver_config": {"resampler_depth": 6} }
        }
        """;

    private static readonly string Mllama = $$"""{ {{Text.Replace("\"llama\"", "\"mllama_text_model\"", StringComparison.Ordinal).Replace("layers\": 1", "layers\": 2", StringComparison.Ordinal)}}, "cross_attention_layers": [1], "tie_word_embeddings": false }""";

    private static readonly (string Name, long[] Shape)[] Patches =
    [
        ("embeddings.patch_embedding.weight", [12, 3, 8, 8]), ("embeddings.patch_embedding.bias", [12]), ("embeddings.position_embedding.weight", [16, 12]),
        .. Enumerable.Range(0, 2).SelectMany(Layer),
    ];

    private static readonly (string Name, long[] Shape)[] Head =
    [
        ("head.probe", [1, 1, 12]), ("head.attention.in_proj_weight", [36, 12]), ("head.attention.in_proj_bias", [36]), .. Linear("head.attention.out_proj", 12, 12),
        .. Norm("head.layernorm"), .. Linear("head.mlp.fc1", 20, 12), .. Linear("head.mlp.fc2", 12, 20),
    ];

    private static readonly (string Name, long[] Shape)[] Words =
    [
        ("model.embed_tokens.weight", [40, 16]), ("lm_head.weight", [40, 16]), ("model.norm.weight", [16]), .. Llama(0, "self_attn", 8),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("vision_model.")]
    public void Siglip_gives_the_states_of_patches_and_what_its_head_makes_of_them(string prefix)
    {
        var tensors = Patches.Concat(Norm("post_layernorm")).Concat(Head).Select(tensor => (prefix + tensor.Name, tensor.Shape)).ToArray();
        var graph = ModelFolder.Graph($"{{ {Siglip} }}", "{}", tensors);
        graph.Input.ShouldBe(new GraphInput.Patches("pixel_values", 3, 4, 8));
        graph.Outputs.Select(output => output.Name).ShouldBe(["last_hidden_state", "pooler_output"]);
        graph.Nodes.OfType<AttentionNode>().ShouldAllBe(attention => attention.IsBidirectional && attention.HeadSize == 4);
        graph.Nodes.OfType<ProbeNode>().Single().Row.Columns.ShouldBe(12);
    }

    [Fact]
    public void Siglip_may_lack_its_head() => ModelFolder.Graph($"{{ {Siglip} }}", """{"vision_use_head": false}""", [.. Patches, .. Norm("post_layernorm")])
        .Outputs.Single().Name.ShouldBe("last_hidden_state");

    [Fact]
    public void Siglip_keeps_what_its_pooler_asks_and_lets_it_work_on_one_row()
    {
        var plan = ModelFolder.Plan($"{{ {Siglip} }}", "{}", [.. Patches, .. Norm("post_layernorm"), .. Head]);
        plan.Input.ShouldBe(new GraphInput.Patches("pixel_values", 3, 4, 8));
        plan.Outputs.ShouldBe([new PlanOutput("last_hidden_state", 12, IsPooled: false), new PlanOutput("pooler_output", 12, IsPooled: true)]);
        plan.Kept.ShouldBe(new CacheShape(1, 3, 4, CacheFormat.F32));
        plan.Calls.Select(call => (plan.Kinds[call.Kind].Name, call.CacheLayer)).ShouldBe([("Embedding", -1), ("Layer", 0), ("Layer", 0), ("Head", -1), ("States", 0), ("Pooler", 0)]);
        plan.Kinds.Single(kind => kind.Name == "States").Steps.Where(step => step is not BarrierStep).Select(step => step.GetType().Name).ShouldBe(["MatMulStep", "CacheStep"]);
        plan.Kinds.Single(kind => kind.Name == "Pooler").Steps.First(step => step is not BarrierStep).ShouldBeOfType<ProbeStep>();
    }

    [Fact]
    public void Llava_runs_the_layers_that_it_reads_and_projects_every_patch()
    {
        var graph = ModelFolder.Graph(Llava, "{}", Named("vision_tower.vision_model.", "language_model.", Linear("multi_modal_projector.linear_1", 16, 12), Linear("multi_modal_projector.linear_2", 16, 16), layers: 1));
        graph.Parts.Single().Layers.ShouldBe(1);
        var fusion = graph.Nodes.OfType<FusionNode>().Single();
        fusion.Token.ShouldBe(7);
        graph.Nodes[fusion.Inputs[1]].ShouldBeOfType<LinearNode>().ShouldSatisfyAllConditions(node => node.Part.ShouldBe(1), node => node.Width.ShouldBe(16));
        (graph.Architecture, graph.Vocabulary, graph.Layers).ShouldBe(("llava", 40, 1));
    }

    [Fact]
    public void Idefics_joins_squares_of_patches_after_the_last_norm()
    {
        var graph = ModelFolder.Graph(Idefics, "{}", Named("model.vision_model.", "model.text_", [("model.connector.modality_projection.proj.weight", [16, 192]), .. Norm("model.vision_model.post_layernorm")], [], layers: 2));
        var shuffle = graph.Nodes.OfType<PixelShuffleNode>().Single();
        (shuffle.Factor, shuffle.Width).ShouldBe((4, 192));
        graph.Nodes[shuffle.Inputs[0]].ShouldBeOfType<NormNode>();
    }

    [Theory]
    [InlineData("""{"vision_feature_select_strategy": "default"}""", "vision_feature_select_strategy must be full")]
    [InlineData("""{"vision_feature_layer": 4}""", "vision_feature_layer names no state")]
    [InlineData("""{"vision_config": {"model_type": "clip_vision_model"}}""", "'clip_vision_model'")]
    [InlineData("""{"text_config": {"model_type": "no_such"}}""", "text_config is of the architecture 'no_such'")]
    [InlineData("""{"no_such_option": 1}""", "no_such_option")]
    [InlineData("{}", "KF1015 Models that read images before they write are not compiled yet")]
    public void What_is_not_computed_is_refused(string changes, string message) => ModelFolder.Refusal(
        Llava, changes, Named("vision_tower.vision_model.", "language_model.", Linear("multi_modal_projector.linear_1", 16, 12), Linear("multi_modal_projector.linear_2", 16, 16), layers: 2)).ShouldContain(message);

    [Fact]
    public void Mllama_attends_to_an_image_in_some_layers_through_gates()
    {
        (string, long[])[] tensors =
        [
            ("model.embed_tokens.weight", [48, 16]), ("lm_head.weight", [40, 16]), ("model.norm.weight", [16]), .. Llama(0, "self_attn", 8), .. Llama(1, "cross_attn", 8),
            ("model.layers.1.cross_attn.q_norm.weight", [8]), ("model.layers.1.cross_attn.k_norm.weight", [8]), ("model.layers.1.cross_attn_attn_gate", [1]), ("model.layers.1.cross_attn_mlp_gate", [1]),
        ];
        var graph = ModelFolder.Graph(Mllama, "{}", tensors);
        (graph.Vocabulary, graph.Nodes.OfType<EmbeddingNode>().Single().Table.Rows).ShouldBe((40, 48));
        graph.Nodes.OfType<CrossAttentionNode>().Single().ShouldSatisfyAllConditions(cross => cross.Layer.ShouldBe(1), cross => cross.HeadNorms.ShouldNotBeNull());
        graph.Nodes.OfType<AddNode>().Select(add => add.Gate?.Tensor).ShouldBe([null, null, "model.layers.1.cross_attn_attn_gate", "model.layers.1.cross_attn_mlp_gate"]);
        (graph.IsOptional(0), graph.IsOptional(1)).ShouldBe((false, true));
        ModelFolder.Refusal(Mllama, """{"cross_attention_layers": [2]}""", tensors).ShouldContain("cross_attention_layers names layer 2 of 2");

        var plan = ModelFolder.Plan(Mllama, "{}", tensors);
        (plan.NeedsInput, plan.Cache.Layers, plan.Kept).ShouldBe((false, 1, new CacheShape(1, 1, 8, CacheFormat.F16)));
        plan.Calls.Select(call => (plan.Kinds[call.Kind].Name, call.CacheLayer, plan.IsOptional(call))).ShouldBe([("Embedding", -1, false), ("Layer1", 0, false), ("Layer2", 0, true), ("Head", -1, false)]);
        plan.Kinds.Single(kind => kind.Name == "Layer2").Steps.Where(step => step is HeadNormStep or AddStep { Gate: >= 0 }).Select(step => step.Name)
            .ShouldBe(["CrossAttentionQueryNorm", "AttentionResidual", "FeedForwardResidual"]);
        var states = plan.View(0);
        states.Cache.Layers.ShouldBe(0);
        states.Kinds.SelectMany(kind => kind.Steps).Where(step => step is not BarrierStep).Select(step => step.GetType().Name).ShouldBe(["InputStep", "OutputStep", "MatMulStep", "CacheStep"]);
    }

    private static (string, long[])[] Named(string vision, string text, (string, long[])[] first, (string, long[])[] second, int layers) =>
    [
        .. Patches.Where(tensor => layers > 1 || !tensor.Name.StartsWith("encoder.layers.1.", StringComparison.Ordinal)).Select(tensor => (vision + tensor.Name, tensor.Shape)),
        .. Words.Select(tensor => (tensor.Name == "lm_head.weight" && text != "language_model." ? tensor.Name : text + tensor.Name, tensor.Shape)), .. first, .. second,
    ];

    private static (string, long[])[] Layer(int layer)
    {
        var path = $"encoder.layers.{layer}.";
        return
        [
            .. new[] { "q_proj", "k_proj", "v_proj", "out_proj" }.SelectMany(name => Linear($"{path}self_attn.{name}", 12, 12)),
            .. Norm(path + "layer_norm1"), .. Norm(path + "layer_norm2"), .. Linear(path + "mlp.fc1", 20, 12), .. Linear(path + "mlp.fc2", 12, 20),
        ];
    }

    private static (string Name, long[] Shape)[] Llama(int layer, string attention, long keys)
    {
        var path = $"model.layers.{layer}.";
        return
        [
            (path + "input_layernorm.weight", [16]), (path + "post_attention_layernorm.weight", [16]), ($"{path}{attention}.q_proj.weight", [16, 16]), ($"{path}{attention}.k_proj.weight", [keys, 16]),
            ($"{path}{attention}.v_proj.weight", [keys, 16]), ($"{path}{attention}.o_proj.weight", [16, 16]), (path + "mlp.gate_proj.weight", [24, 16]), (path + "mlp.up_proj.weight", [24, 16]),
            (path + "mlp.down_proj.weight", [16, 24]),
        ];
    }

    private static (string Name, long[] Shape)[] Norm(string name) => [(name + ".weight", [12]), (name + ".bias", [12])];

    private static (string Name, long[] Shape)[] Linear(string name, long rows, long columns) => [(name + ".weight", [rows, columns]), (name + ".bias", [rows])];
}
