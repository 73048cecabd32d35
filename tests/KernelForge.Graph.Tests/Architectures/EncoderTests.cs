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
    public void All_layers_of_a_bert_are_one_kind_and_share_keys_and_values()
    {
        var plan = ModelFolder.Plan(Bert, """{"num_hidden_layers": 3}""", [.. BertTensors, .. BertLayer(1), .. BertLayer(2)]);
        plan.Kinds.Select(kind => kind.Name).ShouldBe(["Embedding", "Layer", "Head"]);
        plan.Calls.Select(call => call.CacheLayer).ShouldBe([-1, 0, 0, 0, -1]);
        plan.Cache.ShouldBe(new CacheShape(1, 3, 4, CacheFormat.F32));
        plan.Outputs.ShouldBe([new PlanOutput("last_hidden_state", 12, IsPooled: false), new PlanOutput("pooler_output", 12, IsPooled: true)]);
        plan.Kinds[1].Steps.OfType<AttentionStep>().Single().Ahead.ShouldBe(64);
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
