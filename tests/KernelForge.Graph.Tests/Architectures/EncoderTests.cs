using System.Text.Json;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Folders of encoders.</summary>
public sealed class EncoderTests
{
    private const string Bert = """
        {
          "model_type": "bert", "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 3, "vocab_size": 40, "type_vocab_size": 3,
          "max_position_embeddings": 64, "layer_norm_eps": 1e-12, "hidden_act": "gelu"
        }
        """;

    private const string Distilled = """
        {
          "model_type": "distilbert", "dim": 12, "hidden_dim": 20, "n_layers": 1, "n_heads": 3, "vocab_size": 40, "max_position_embeddings": 64, "activation": "gelu",
          "sinusoidal_pos_embds": false, "tie_weights_": true, "qa_dropout": 0.1, "seq_classif_dropout": 0.2
        }
        """;

    private const string Modern = """
        {
          "model_type": "modernbert", "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 3, "num_attention_heads": 3, "vocab_size": 40,
          "max_position_embeddings": 64, "norm_eps": 1e-05, "hidden_activation": "gelu", "local_attention": 16, "global_attn_every_n_layers": 2,
          "global_rope_theta": 80000, "local_rope_theta": 5000
        }
        """;

    private static readonly (string Name, long[] Shape)[] BertTensors =
    [
        ("embeddings.word_embeddings.weight", [40, 12]), ("embeddings.token_type_embeddings.weight", [3, 12]), ("embeddings.position_embeddings.weight", [64, 12]),
        .. Norm("embeddings.LayerNorm"), .. BertLayer(0), .. Linear("pooler.dense", 12, 12),
    ];

    private static readonly (string Name, long[] Shape)[] DistilledTensors =
    [
        .. BertTensors.Where(tensor => tensor.Name.StartsWith("embeddings", StringComparison.Ordinal) && !tensor.Name.Contains("type", StringComparison.Ordinal)),
        .. new[] { "q_lin", "k_lin", "v_lin", "out_lin" }.SelectMany(name => Linear("transformer.layer.0.attention." + name, 12, 12)), .. Norm("transformer.layer.0.sa_layer_norm"),
        .. Linear("transformer.layer.0.ffn.lin1", 20, 12), .. Linear("transformer.layer.0.ffn.lin2", 12, 20), .. Norm("transformer.layer.0.output_layer_norm"),
    ];

    private static readonly (string Name, long[] Shape)[] ModernTensors =
    [
        ("embeddings.tok_embeddings.weight", [40, 12]), ("embeddings.norm.weight", [12]), ("final_norm.weight", [12]),
        ("layers.1.attn_norm.weight", [12]), ("layers.2.attn_norm.weight", [12]), .. Enumerable.Range(0, 3).SelectMany(ModernLayer),
    ];

    [Fact]
    public void Bert_gives_the_state_and_a_pooled_token()
    {
        var graph = ModelFolder.Graph(Bert, "{}", BertTensors);
        graph.Outputs.Select(output => output.Name).ShouldBe(["last_hidden_state", "pooler_output"]);
        graph.Nodes[graph.Outputs[0].Node].ShouldBeOfType<NormNode>().Layer.ShouldBe(0);
        graph.Nodes[graph.Outputs[1].Node].ShouldBeOfType<ActivationNode>().Activation.ShouldBe(Activation.Tanh);
        graph.Nodes.OfType<TokenTypeNode>().Single().Table.Rows.ShouldBe(3);
        graph.Nodes.OfType<AttentionNode>().Single().ShouldSatisfyAllConditions(attention => attention.IsBidirectional.ShouldBeTrue(), attention => attention.Rotary.ShouldBe(-1));
    }

    [Fact]
    public void Bert_may_lack_the_pooler_and_have_a_prefix()
    {
        var tensors = BertTensors.Where(tensor => !tensor.Name.StartsWith("pooler", StringComparison.Ordinal)).Select(tensor => ("bert." + tensor.Name, tensor.Shape));
        ModelFolder.Graph(Bert, "{}", [.. tensors]).Outputs.Single().Name.ShouldBe("last_hidden_state");
    }

    /// <summary>Its positions begin at the row after that of the padding token.</summary>
    [Theory]
    [InlineData("roberta", 1, 62)]
    [InlineData("xlm-roberta", 4, 59)]
    public void Roberta_has_positions_later_in_their_table(string name, int padding, int context)
    {
        var tensors = BertTensors.Select(tensor => ("roberta." + tensor.Name, tensor.Shape)).ToArray();
        var graph = ModelFolder.Graph(Bert, $$"""{"model_type": "{{name}}", "pad_token_id": {{padding}}}""", tensors);
        graph.Context.ShouldBe(context);
        graph.Nodes.OfType<PositionNode>().Single().Table.ShouldSatisfyAllConditions(
            table => table.Rows.ShouldBe(context), table => table.View!.RowStart(0).ShouldBe(12 * (padding + 1)));
    }

    [Fact]
    public void Positions_that_a_padding_token_leaves_no_row_are_refused() =>
        ModelFolder.Refusal(Bert, """{"model_type": "roberta", "pad_token_id": 63}""", BertTensors).ShouldContain("pad_token_id is 63");

    [Fact]
    public void Distilbert_is_a_bert_with_names_of_its_own()
    {
        var graph = ModelFolder.Graph(Distilled, "{}", [.. DistilledTensors.Select(tensor => ("distilbert." + tensor.Name, tensor.Shape))]);
        graph.Nodes.Select(node => node.Name).ShouldBe(ModelFolder.Graph(Bert, "{}", BertTensors).Nodes
            .Select(node => node.Name).Where(name => name is not ("TokenType" or "EmbeddingWithType" or "FirstToken" or "PoolerDense")).SkipLast(1));
        graph.Nodes.OfType<NormNode>().ShouldAllBe(norm => norm.Norm.Epsilon == 1e-12f);
        graph.Outputs.Single().Name.ShouldBe("last_hidden_state");
        ModelFolder.Graph(Distilled, """{"activation": "relu"}""", DistilledTensors).Nodes.OfType<ActivationNode>().Single().Activation.ShouldBe(Activation.Relu);
    }

    [Theory]
    [InlineData("""{"n_heads": 5}""", "n_heads")]
    [InlineData("""{"hidden_dim": 21}""", "ffn.lin1")]
    [InlineData("""{"activation": "swishy"}""", "activation is 'swishy'")]
    [InlineData("""{"layer_norm_eps": 1e-5}""", "layer_norm_eps")]
    public void A_wrong_distilbert_is_named(string changes, string expected) => ModelFolder.Refusal(Distilled, changes, DistilledTensors).ShouldContain(expected);

    [Theory]
    [InlineData(""" "pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false """, TokenPooling.Mean)]
    [InlineData(""" "pooling_mode_mean_tokens": false, "pooling_mode_cls_token": true, "include_prompt": true """, TokenPooling.First)]
    [InlineData(""" "pooling_mode_lasttoken": true """, TokenPooling.Last)]
    [InlineData(""" "pooling_mode": "cls" """, TokenPooling.First)]
    [InlineData(""" "word_embedding_dimension": 12 """, TokenPooling.Mean)]
    public void Modules_say_how_a_vector_is_made(string pooling, TokenPooling expected)
    {
        using var model = ModelFolder.Write(Bert, "{}", BertTensors).With("1_Pooling/config.json", $"{{{pooling}}}");
        model.Build().Graph!.Vector.ShouldBeNull();
        model.With("modules.json", Modules("Pooling")).Build().Graph!.Vector.ShouldBe(new TextVector(expected, IsNormalized: false));
        model.With("modules.json", Modules("Pooling", "Normalize")).Build().Graph!.Vector.ShouldBe(new TextVector(expected, IsNormalized: true));
    }

    [Theory]
    [InlineData(""" "pooling_mode_max_tokens": true """, "'max_tokens'")]
    [InlineData(""" "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true """, "'cls_token,mean_tokens'")]
    [InlineData(""" "pooling_mode": "weightedmean" """, "'weightedmean'")]
    [InlineData(""" "pooling_mode_mean_tokens": true, "include_prompt": false """, "include_prompt")]
    [InlineData(""" "pooling_mode_mean_tokens": true """, "'Dense'", "Dense")]
    [InlineData(""" "pooling_mode_mean_tokens": true """, "'Normalize'", "Normalize", "Normalize")]
    public void Vectors_that_would_be_others_are_refused(string pooling, string expected, params string[] modules)
    {
        using var model = ModelFolder.Write(Bert, "{}", BertTensors).With("1_Pooling/config.json", $"{{{pooling}}}").With("modules.json", Modules(["Pooling", .. modules]));
        model.Build().Problems.Single().Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("{}", "list")]
    [InlineData("""["Pooling"]""", "[0].type")]
    [InlineData("""[{"type": "sentence_transformers.models.Pooling", "path": "2_Pooling"}]""", "2_Pooling")]
    [InlineData("""[{"type": "sentence_transformers.models.Pooling", "path": "../.."}]""", "folder")]
    [InlineData("""[{"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]""", "pooling_mode_cls_token")]
    public void Damaged_modules_are_refused(string modules, string expected)
    {
        using var model = ModelFolder.Write(Bert, "{}", BertTensors).With("1_Pooling/config.json", """{"pooling_mode_cls_token": 1}""").With("modules.json", modules);
        Should.Throw<ModelFormatException>(() => model.Build()).Message.ShouldContain(expected);
    }

    [Fact]
    public void All_layers_of_a_bert_are_one_kind_and_share_keys_and_values()
    {
        var plan = ModelFolder.Plan(Bert, """{"num_hidden_layers": 3}""", [.. BertTensors, .. BertLayer(1), .. BertLayer(2)]);
        plan.Kinds.Select(kind => kind.Name).ShouldBe(["Embedding", "Layer", "Head"]);
        plan.Calls.Select(call => call.CacheLayer).ShouldBe([-1, 0, 0, 0, -1]);
        plan.Cache.ShouldBe(new CacheShape(1, 3, 4, CacheFormat.F32));
        plan.Outputs.ShouldBe([new PlanOutput("last_hidden_state", 12, IsPooled: false), new PlanOutput("pooler_output", 12, IsPooled: true)]);
        plan.Kinds[1].Steps.OfType<AttentionStep>().Single().Ahead.ShouldBe(64);
    }

    /// <summary>Every layer doubles the ways from the embedding to an output; nothing may walk them all.</summary>
    [Fact]
    public void A_bert_of_many_layers_is_planned()
    {
        var plan = ModelFolder.Plan(Bert, """{"num_hidden_layers": 24}""", [.. BertTensors, .. Enumerable.Range(1, 23).SelectMany(BertLayer)]);
        plan.Outputs.Select(output => output.IsPooled).ShouldBe([false, true]);
    }

    [Fact]
    public void Windows_of_a_modern_bert_reach_as_far_ahead_as_back()
    {
        var plan = ModelFolder.Plan(Modern, "{}", ModernTensors);
        plan.Kinds.SelectMany(kind => kind.Steps).OfType<AttentionStep>().Select(step => (step.Window, step.Ahead)).ShouldBe([(0, 64), (9, 8), (0, 64)]);
        plan.Outputs.ShouldBe([new PlanOutput("last_hidden_state", 12, IsPooled: false)]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"layer_types": ["full_attention", "sliding_attention", "full_attention"], "global_attn_every_n_layers": 1}""")]
    [InlineData("""{"global_rope_theta": null, "local_rope_theta": null, "rope_parameters": {"full_attention": {"rope_theta": 80000, "rope_type": "default"}, "sliding_attention": {"rope_theta": 5000, "rope_type": "default"}}}""")]
    public void ModernBert_has_windows_and_a_rotary_table_for_them(string changes)
    {
        var graph = ModelFolder.Graph(Modern, changes, ModernTensors);
        var attentions = graph.Nodes.OfType<AttentionNode>().ToList();
        attentions.Select(attention => attention.Window).ShouldBe([0, 9, 0]);
        attentions.Select(attention => graph.Rotaries[attention.Rotary].Theta).ShouldBe([80_000, 5_000, 80_000]);
        graph.Nodes.OfType<NormNode>().Count(norm => norm.Name == "AttentionNorm").ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"is_decoder": true}""", "is_decoder")]
    [InlineData("""{"position_embedding_type": "relative_key"}""", "position_embedding_type")]
    [InlineData("""{"type_vocab_size": 2}""", "token_type_embeddings")]
    [InlineData("""{"max_position_embeddings": 128}""", "position_embeddings")]
    [InlineData("""{"pooling": "mean"}""", "pooling")]
    public void A_wrong_bert_is_named(string changes, string expected) => ModelFolder.Refusal(Bert, changes, BertTensors).ShouldContain(expected);

    [Theory]
    [InlineData("""{"layer_types": ["full_attention", "chunked_attention", "full_attention"]}""", "layer_types")]
    [InlineData("""{"layer_types": ["full_attention"]}""", "layer_types")]
    [InlineData("""{"local_attention": 0}""", "local_attention")]
    [InlineData("""{"global_attn_every_n_layers": 0}""", "global_attn_every_n_layers")]
    [InlineData("""{"rope_parameters": {"sliding_attention": {"rope_theta": 5000, "rope_type": "linear", "factor": 2.0}}}""", "rope_parameters.sliding_attention.factor")]
    [InlineData("""{"sparse_prediction_head": "on"}""", "sparse_prediction_head")]
    public void A_wrong_modern_bert_is_named(string changes, string expected) => ModelFolder.Refusal(Modern, changes, ModernTensors).ShouldContain(expected);

    private static string Modules(params string[] names) => JsonSerializer.Serialize(names.Prepend("Transformer")
        .Select((name, index) => new { idx = index, name = $"{index}", path = index == 0 ? "" : $"{index}_{name}", type = "sentence_transformers.models." + name }));

    private static (string, long[])[] BertLayer(int layer)
    {
        var prefix = $"encoder.layer.{layer}.";
        return
        [
            .. Linear(prefix + "attention.self.query", 12, 12), .. Linear(prefix + "attention.self.key", 12, 12), .. Linear(prefix + "attention.self.value", 12, 12),
            .. Linear(prefix + "attention.output.dense", 12, 12), .. Norm(prefix + "attention.output.LayerNorm"), .. Linear(prefix + "intermediate.dense", 20, 12),
            .. Linear(prefix + "output.dense", 12, 20), .. Norm(prefix + "output.LayerNorm"),
        ];
    }

    private static (string, long[])[] ModernLayer(int layer)
    {
        var prefix = $"layers.{layer}.";
        return
        [
            (prefix + "attn.Wqkv.weight", [36, 12]), (prefix + "attn.Wo.weight", [12, 12]), (prefix + "mlp_norm.weight", [12]),
            (prefix + "mlp.Wi.weight", [40, 12]), (prefix + "mlp.Wo.weight", [12, 20]),
        ];
    }

    private static (string, long[])[] Norm(string name) => [(name + ".weight", [12]), (name + ".bias", [12])];

    private static (string, long[])[] Linear(string name, int rows, int columns) => [(name + ".weight", [rows, columns]), (name + ".bias", [rows])];
}
