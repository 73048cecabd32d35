using KernelForge.Graphs;
using KernelForge.Passes;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Folders of models that read a text or a sound besides their own tokens.</summary>
public sealed class EncoderDecoderTests
{
    private const string T5 = """
        {
          "model_type": "t5", "d_model": 12, "d_kv": 5, "d_ff": 20, "num_heads": 3, "num_layers": 2, "num_decoder_layers": 1, "vocab_size": 40,
          "relative_attention_num_buckets": 8, "relative_attention_max_distance": 16, "feed_forward_proj": "gated-gelu", "layer_norm_epsilon": 1e-06
        }
        """;

    private const string Bart = """
        {
          "model_type": "bart", "d_model": 12, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 3, "decoder_attention_heads": 2, "encoder_ffn_dim": 20,
          "decoder_ffn_dim": 24, "activation_function": "relu", "max_position_embeddings": 64, "scale_embedding": true, "vocab_size": 40, "num_hidden_layers": 1
        }
        """;

    private const string Whisper = """
        {
          "model_type": "whisper", "d_model": 12, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 3, "decoder_attention_heads": 3, "encoder_ffn_dim": 20,
          "decoder_ffn_dim": 20, "num_mel_bins": 10, "max_source_positions": 30, "max_target_positions": 50, "vocab_size": 40, "suppress_tokens": [1, 2]
        }
        """;

    private static readonly (string Name, long[] Shape)[] T5Tensors =
    [
        ("shared.weight", [40, 12]), ("encoder.final_layer_norm.weight", [12]), ("decoder.final_layer_norm.weight", [12]),
        ("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", [8, 3]), ("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", [8, 3]),
        .. T5Layer("encoder.block.0", false), .. T5Layer("encoder.block.1", false), .. T5Layer("decoder.block.0", true),
    ];

    private static readonly (string Name, long[] Shape)[] BartTensors =
    [
        ("model.shared.weight", [40, 12]), ("final_logits_bias", [1, 40]), ("model.encoder.embed_positions.weight", [66, 12]), ("model.decoder.embed_positions.weight", [66, 12]),
        .. Norm("model.encoder.layernorm_embedding"), .. Norm("model.decoder.layernorm_embedding"),
        .. BartLayer("model.encoder.layers.0", false, 20), .. BartLayer("model.decoder.layers.0", true, 24), .. BartLayer("model.decoder.layers.1", true, 24),
    ];

    private static readonly (string Name, long[] Shape)[] WhisperTensors =
    [
        ("model.decoder.embed_tokens.weight", [40, 12]), ("model.encoder.embed_positions.weight", [30, 12]), ("model.decoder.embed_positions.weight", [50, 12]),
        ("model.encoder.conv1.weight", [12, 10, 3]), ("model.encoder.conv1.bias", [12]), ("model.encoder.conv2.weight", [12, 12, 3]), ("model.encoder.conv2.bias", [12]),
        .. Norm("model.encoder.layer_norm"), .. Norm("model.decoder.layer_norm"), .. BartLayer("model.encoder.layers.0", false, 20), .. BartLayer("model.decoder.layers.0", true, 20),
    ];

    [Theory]
    [InlineData("{}", true, true)]
    [InlineData("""{"scale_decoder_outputs": false}""", true, false)]
    [InlineData("""{"tie_word_embeddings": false}""", false, false)]
    public void T5_has_a_bias_by_distance_and_a_head_that_is_its_own_or_the_table_scaled(string changes, bool isTied, bool isScaled)
    {
        var graph = ModelFolder.Graph(T5, changes, isTied ? T5Tensors : [.. T5Tensors, ("lm_head.weight", [40, 12])]);
        graph.Parts.Single().ShouldBe(new GraphPart("encoder", new GraphInput.Tokens("encoder_input_ids", 4096), 2));
        var attentions = graph.Nodes.OfType<AttentionNode>().ToList();
        attentions.Select(attention => (attention.Part, attention.Layer, attention.IsBidirectional)).ShouldBe([(1, 0, true), (1, 1, true), (0, 0, false)]);
        attentions.ShouldAllBe(attention => attention.Scale == 1 && attention.Bias!.Farthest == 16 && attention.HeadSize == 5);
        graph.Nodes.OfType<GateNode>().ShouldAllBe(gate => gate.Activation == Activation.GeluTanh);
        var cross = graph.Nodes.OfType<CrossAttentionNode>().Single();
        graph.Nodes[cross.Inputs[1]].ShouldBeOfType<NormNode>().Part.ShouldBe(1);
        ((NormNode)graph.Nodes[^2]).Norm.Scale!.Factor.ShouldBe(isScaled ? (float)(1 / Math.Sqrt(12)) : 1);
        ((LinearNode)graph.Nodes[^1]).Parts[0].Matrix.Tensor.ShouldBe(isTied ? "shared.weight" : "lm_head.weight");
    }

    [Fact]
    public void Distances_fall_into_buckets_of_their_own_or_of_their_logarithm()
    {
        var (before, both) = (new DistanceBuckets(8, 16, IsBidirectional: false), new DistanceBuckets(8, 16, IsBidirectional: true));
        Enumerable.Range(-17, 18).Select(before.Of).ShouldBe([7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 5, 5, 4, 4, 3, 2, 1, 0]);
        Enumerable.Range(-3, 9).Select(both.Of).ShouldBe([2, 2, 1, 0, 5, 6, 6, 6, 6]);
        before.Of(3).ShouldBe(0);
    }

    [Fact]
    public void Bart_leaves_two_positions_out_and_has_norms_after_sums()
    {
        var graph = ModelFolder.Graph(Bart, "{}", BartTensors);
        graph.Nodes.OfType<PositionNode>().ShouldAllBe(position => position.Table.Rows == 64 && position.Table.View == TensorView.Rows(2, 12));
        graph.Nodes.OfType<EmbeddingNode>().ShouldAllBe(embedding => embedding.Factor == (float)Math.Sqrt(12) && embedding.Table.Tensor == "model.shared.weight");
        graph.Nodes.OfType<CrossAttentionNode>().Select(cross => (cross.Layer, cross.Heads, cross.HeadSize)).ShouldBe([(0, 2, 6), (1, 2, 6)]);
        graph.Nodes.OfType<ActivationNode>().ShouldAllBe(node => node.Activation == Activation.Relu);
        graph.Nodes[^2].ShouldBeOfType<NormNode>().Name.ShouldBe("FeedForwardNorm");
        ((LinearNode)graph.Nodes[^1]).Parts[0].Bias!.Tensor.ShouldBe("final_logits_bias");
    }

    [Fact]
    public void Whisper_hears_through_two_convolutions()
    {
        var graph = ModelFolder.Graph(Whisper, "{}", WhisperTensors);
        graph.Parts.Single().Input.ShouldBe(new GraphInput.Bands("input_features", 60, 10));
        graph.Nodes.OfType<WindowNode>().Select(window => (window.Width, window.Taps, window.Stride)).ShouldBe([(30, 3, 1), (36, 3, 2)]);
        graph.Context.ShouldBe(50);
        GraphPrinter.Print(graph).ShouldContain("part encoder of input_features [10, 60], layers 1");
    }

    [Theory]
    [InlineData("""{"normalize_before": true}""", "the option normalize_before (true)")]
    [InlineData("""{"normalize_embedding": false}""", "normalize_embedding is false")]
    [InlineData("""{"encoder_attention_heads": 5}""", "d_model (12) is no multiple of encoder_attention_heads (5)")]
    [InlineData("""{"decoder_layers": 3}""", "model.decoder.layers.2.self_attn.q_proj.weight is missing")]
    [InlineData("""{"no_such_option": 3}""", "no_such_option")]
    [InlineData("""{"activation_function": "mish"}""", "activation_function is 'mish'")]
    public void What_is_not_computed_is_refused(string changes, string message) => ModelFolder.Refusal(Bart, changes, BartTensors).ShouldContain(message);

    [Fact]
    public void Whispers_encoder_has_two_frames_for_each_state_until_every_other_window_is_left_out()
    {
        var encoder = ModelFolder.Plan(Whisper, "{}", WhisperTensors).View(0);
        (encoder.Input, encoder.Context).ShouldBe((new GraphInput.Bands("input_features", 60, 10), 30));
        var hears = encoder.Kinds[0].Steps.Where(step => step is not BarrierStep).ToList();
        hears.Select(step => step.GetType().Name).ShouldBe(["InputStep", "WindowStep", "MatMulStep", "WindowStep", "MatMulStep", "LookupStep", "AddStep"]);
        hears.OfType<MatMulStep>().Select(step => (step.Epilogue, step.Activation, encoder.Buffers[step.Output].Rows)).ShouldBe([(Epilogue.Activate, Activation.Gelu, 2), (Epilogue.Activate, Activation.Gelu, 1)]);
        encoder.Buffers.Where(buffer => buffer.Rows == 2).Select(buffer => (buffer.Name, buffer.Width)).ShouldBe([("Features", 10), ("Convolution1Window", 30), ("Convolution1Activated", 12)], ignoreOrder: true);
        PlanPrinter.Print(encoder).ShouldContain("Convolution2Window = windows of 3 rows of Convolution1Activated, each 2 on");
    }

    [Theory]
    [InlineData("Features", "makes other rows of a pass than its windows")]
    [InlineData("Convolution1Activated", "works on other rows")]
    public void A_plan_whose_steps_disagree_about_rows_is_not_sound(string name, string problem)
    {
        var plan = ModelFolder.Plan(Whisper, "{}", WhisperTensors).View(0);
        var buffers = plan.Buffers.Select(buffer => buffer.Name == name ? buffer with { Rows = 1 } : buffer).ToEquatableArray();
        PlanVerifier.Problems(plan with { Buffers = buffers }, PlanStage.Finished).ShouldContain(found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Bart_is_planned_in_two_parts_the_first_of_which_keeps_what_the_second_asks()
    {
        var plan = ModelFolder.Plan(Bart, "{}", BartTensors);
        plan.IsEncoder.ShouldBeFalse();
        plan.Kept.ShouldBe(new CacheShape(2, 2, 6, CacheFormat.F16));
        plan.Calls.Select(call => plan.Kinds[call.Kind].Name).ShouldBe(["Embedding", "Layer", "Layer", "Head"]);
        plan.Kinds.Single(kind => kind.Name == "Layer").Steps.OfType<AttentionStep>().Select(step => step.IsKept).ShouldBe([false, true]);
        var encoder = plan.View(0);
        encoder.Input.ShouldBe(new GraphInput.Tokens("encoder_input_ids", 64));
        encoder.Cache.ShouldBe(new CacheShape(1, 3, 4, CacheFormat.F32));
        encoder.Calls.Select(call => (encoder.Kinds[call.Kind].Name, call.CacheLayer)).ShouldBe([("Embedding", -1), ("Layer", 0), ("Head", -1), ("States", 0), ("States", 1)]);

        // One table serves both parts and the head.
        var tables = plan.Views().Select(view => view.Kinds[0].Steps.OfType<EmbedStep>().Single()).ToList();
        tables.Select(table => plan.Blocks[table.Block].Name).ShouldBe(["Head", "Head"]);
        plan.Blocks.Select(block => block.Name).ShouldBe(["Embedding", "Layer 0", "Layer 1", "Head", "encoder Embedding", "encoder Layer 0", "encoder States 0", "encoder States 1"]);
        PlanPrinter.Print(plan).ShouldContain("part encoder, bart");
    }

    [Fact]
    public void T5_is_planned_with_a_number_for_each_head_and_distance()
    {
        var plan = ModelFolder.Plan(T5, "{}", T5Tensors);
        foreach (var (view, isBidirectional) in plan.Views().Zip([false, true]))
        {
            var calls = view.Calls.Where(call => view.Kinds[call.Kind].Name == "Layer").ToList();
            calls.Count.ShouldBe(isBidirectional ? 2 : 1);
            foreach (var call in calls)
            {
                var attention = view.Kinds[call.Kind].Steps.OfType<AttentionStep>().First();
                attention.Scale.ShouldBe(1);
                var table = view.Blocks[call.Block].Tensors[attention.Bias];
                table.Columns.ShouldBe(3 * 159);
                table.Parts.Single().Distances.ShouldBe(new DistanceRows(new DistanceBuckets(8, 16, isBidirectional), 79));
                table.Parts[0].SourceValues.ShouldBe(24);
                table.Parts[0].Tensor.ShouldStartWith(isBidirectional ? "encoder." : "decoder.");
            }
        }

        plan.Kinds.SelectMany(kind => kind.Steps).OfType<AttentionStep>().Single(step => step.IsKept).Bias.ShouldBe(-1);
        PlanPrinter.Print(plan).ShouldContain("biased by distance");

        var rows = new DistanceRows(new DistanceBuckets(8, 16, IsBidirectional: true), 79);
        new[] { 0, 78, 79, 80, 158, 159, 317 }.Select(rows.Source).ShouldBe([3, 1, 0, 5, 7, 11, 15]);
    }

    [Fact]
    public void A_graph_whose_parts_are_mixed_is_not_sound()
    {
        var graph = ModelFolder.Graph(Bart, "{}", BartTensors);
        var nodes = graph.Nodes.Select(node => node is LinearNode { Name: "CrossQuery", Layer: 1 } query ? query with { Inputs = EquatableArray.Create(0) } : node);
        GraphVerifier.Problems(graph with { Nodes = nodes.ToEquatableArray() }).ShouldContain(problem => problem.Contains("another part", StringComparison.Ordinal));
    }

    private static (string, long[])[] T5Layer(string path, bool isDecoder)
    {
        string[] attentions = isDecoder ? ["layer.0.SelfAttention", "layer.1.EncDecAttention"] : ["layer.0.SelfAttention"];
        var last = isDecoder ? 2 : 1;
        return
        [
            .. attentions.SelectMany(attention => "qkv".Select(c => ($"{path}.{attention}.{c}.weight", new long[] { 15, 12 })).Append(($"{path}.{attention}.o.weight", [12, 15]))),
            .. Enumerable.Range(0, last + 1).Select(i => ($"{path}.layer.{i}.layer_norm.weight", new long[] { 12 })),
            ($"{path}.layer.{last}.DenseReluDense.wi_0.weight", [20, 12]), ($"{path}.layer.{last}.DenseReluDense.wi_1.weight", [20, 12]),
            ($"{path}.layer.{last}.DenseReluDense.wo.weight", [12, 20]),
        ];
    }

    private static (string, long[])[] BartLayer(string path, bool isDecoder, int hidden)
    {
        string[] attentions = isDecoder ? ["self_attn", "encoder_attn"] : ["self_attn"];
        return
        [
            .. attentions.SelectMany(attention => new[] { "q_proj", "k_proj", "v_proj", "out_proj" }.SelectMany(name => Linear($"{path}.{attention}.{name}", 12, 12)).Concat(Norm($"{path}.{attention}_layer_norm"))),
            .. Linear($"{path}.fc1", hidden, 12), .. Linear($"{path}.fc2", 12, hidden), .. Norm($"{path}.final_layer_norm"),
        ];
    }

    private static (string, long[])[] Norm(string name) => [(name + ".weight", [12]), (name + ".bias", [12])];

    private static (string, long[])[] Linear(string name, long rows, long columns) => [(name + ".weight", [rows, columns]), (name + ".bias", [rows])];
}
