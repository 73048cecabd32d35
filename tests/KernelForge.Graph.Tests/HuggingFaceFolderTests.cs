using System.Text.Json;
using System.Text.Json.Nodes;
using KernelForge.Compilation;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests;

/// <summary>Folders become the same graphs as GGUF files, in both spellings of the rotary settings.</summary>
public sealed class HuggingFaceFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kernelforge-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_becomes_a_graph_whose_pairs_are_halves()
    {
        var graph = Graph("{}");
        graph.Nodes.OfType<AttentionNode>().ShouldAllBe(attention => !attention.AdjacentPairs && attention.Heads == 4 && attention.KeyValueHeads == 2);
        graph.Rotaries[0].ShouldBe(new RotaryTable(4, 10_000, new RotaryScaling.Default()));
        ((EmbeddingNode)graph.Nodes[0]).Table.Tensor.ShouldBe("model.embed_tokens.weight");
    }

    [Fact]
    public void The_compiler_makes_neighbours_of_halves()
    {
        Write("{}");
        using var folder = HuggingFaceFolder.Open(_folder);
        var plan = PlanCompiler.Compile(folder.Manifest, new()).Plan!;
        var parts = plan.Blocks[1].Tensors.Single(tensor => tensor.Name == "QueryKeyValue").Parts;
        parts.Select(part => part.Order).ShouldBe([new RowOrder(8, 4), new RowOrder(8, 4), RowOrder.AsStored]);
    }

    [Theory]
    [InlineData("""{"rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 500000.0, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}}""")]
    public void Both_spellings_of_llama3(string json) =>
        Graph(json).Rotaries[0].ShouldBe(new RotaryTable(4, 500_000, new RotaryScaling.Llama3(8, 1, 4, 32)));

    [Fact]
    public void Linear_in_the_spelling_of_2023() =>
        Graph("""{"rope_scaling": {"type": "linear", "factor": 2}}""").Rotaries[0].Scaling.ShouldBe(new RotaryScaling.Linear(2));

    [Fact]
    public void Dynamic_counts_from_the_models_own_context() =>
        Graph("""{"rope_scaling": {"type": "dynamic", "factor": 2.0}}""").Rotaries[0].Scaling.ShouldBe(new RotaryScaling.Dynamic(2, 64));

    [Fact]
    public void Yarn_with_an_attention_factor_takes_it_as_it_is() =>
        Graph("""{"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "attention_factor": 1.5, "truncate": false}}""")
            .Rotaries[0].Scaling.ShouldBe(new RotaryScaling.Yarn(4, 16, 1.5, 32, 1, Truncate: false));

    [Fact]
    public void Yarn_with_two_mscales_takes_their_quotient() =>
        Graph("""{"rope_scaling": {"type": "yarn", "factor": 40.0, "original_max_position_embeddings": 16, "mscale": 1.0, "mscale_all_dim": 0.5}}""")
            .Rotaries[0].Scaling.ShouldBeOfType<RotaryScaling.Yarn>().AttentionFactor
            .ShouldBe(((0.1 * Math.Log(40)) + 1) / ((0.05 * Math.Log(40)) + 1), 1e-15);

    [Fact]
    public void Longrope_has_its_lists_in_the_configuration()
    {
        var scaling = Graph("""{"original_max_position_embeddings": 16, "rope_scaling": {"type": "longrope", "short_factor": [1, 1, 1, 1.5], "long_factor": [2, 2.5, 3, 4]}}""")
            .Rotaries[0].Scaling.ShouldBeOfType<RotaryScaling.PerPair>();
        scaling.LongFactors.ShouldBe([2, 2.5, 3, 4]);
        scaling.AttentionFactor.ShouldBe(Math.Sqrt(1 + (Math.Log(4) / Math.Log(16))));
        scaling.OriginalContext.ShouldBe(16);
    }

    [Fact]
    public void A_window_longer_than_the_context_is_none()
    {
        Graph("""{"model_type": "mistral", "sliding_window": 16}""").Nodes.OfType<AttentionNode>().First().Window.ShouldBe(16);
        Graph("""{"model_type": "mistral", "sliding_window": 4096}""").Nodes.OfType<AttentionNode>().First().Window.ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"hidden_size": "32"}""", "hidden_size")]
    [InlineData("""{"rms_norm_eps": 1e999}""", "rms_norm_eps")]
    [InlineData("""{"num_hidden_layers": 1.5}""", "num_hidden_layers")]
    [InlineData("""{"hidden_act": "mish"}""", "mish")]
    [InlineData("""{"quantization_config": {"bits": 4}}""", "quantization_config")]
    [InlineData("""{"model_type": 7}""", "model_type")]
    [InlineData("""{"rope_scaling": [1]}""", "rope_scaling")]
    [InlineData("""{"rope_scaling": {"rope_type": "default", "twist": 2}}""", "rope_scaling.twist")]
    [InlineData("""{"clip_qkv": 8.0}""", "clip_qkv")]
    [InlineData("""{"rope_scaling": {"type": "longrope", "short_factor": [1, 1, 1], "long_factor": [2, 2, 2, 2]}}""", "short_factor")]
    [InlineData("""{"rope_scaling": {"type": "longrope", "short_factor": [1, 1, 1, 0], "long_factor": [2, 2, 2, 2]}}""", "short_factor")]
    [InlineData("""{"rope_scaling": {"type": "longrope", "short_factor": [1, 1, 1, "x"], "long_factor": [2, 2, 2, 2]}}""", "short_factor")]
    [InlineData("""{"use_new_trick": true}""", "use_new_trick")]
    [InlineData("""{"model_type": "\ud800"}""", "Unicode")]
    public void A_wrong_configuration_is_named(string json, string expected)
    {
        Write(json);
        Refusal().ShouldContain(expected);
    }

    [Theory]
    [InlineData("""{"torch_dtype": "bfloat16", "pretraining_tp": 1, "attention_dropout": 0.1, "id2label": {"0": "A"}, "rope_scaling": null}""")]
    [InlineData("""{"use_new_trick": false, "list": [], "attention_bias": true}""")]
    [InlineData("""{"is_llama_config": true, "rope_interleaved": false, "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16"}}, "layer_types": ["full_attention"]}""")]
    [InlineData("""{"original_max_position_embeddings": 32, "cache_implementation": "hybrid"}""")]
    [InlineData("""{"rope_scaling": {"type": "yarn", "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "finetuned": true}}""")]
    public void Options_without_a_bearing_are_let_pass(string json) => Graph(json).Layers.ShouldBe(1);

    [Fact]
    public void The_template_is_in_the_manifest_and_what_is_packed_beside_the_weights_counts_for_the_identity()
    {
        Write("{}");
        Manifest().Find("tokenizer.chat_template").ShouldBeNull();
        var stamps = new List<string> { Manifest().Source.Stamp };
        foreach (var (name, text) in new[] { ("tokenizer_config.json", """{"chat_template": "old"}"""), ("chat_template.jinja", "new"), ("tokenizer.json", "{}"), ("generation_config.json", "{}"), ("README.md", "no part of it") })
        {
            File.WriteAllText(Path.Combine(_folder, name), text);
            stamps.Add(Manifest().Source.Stamp);
        }

        stamps.Distinct(StringComparer.Ordinal).Count().ShouldBe(5);
        stamps[^1].ShouldBe(stamps[^2]);
        Manifest().Find("tokenizer.chat_template")!.Text.ShouldBe("new");
    }

    private Manifest Manifest()
    {
        using var folder = HuggingFaceFolder.Open(_folder);
        return folder.Manifest;
    }

    private string Refusal()
    {
        try
        {
            using var folder = HuggingFaceFolder.Open(_folder);
            return string.Join("; ", PlanCompiler.BuildGraph(folder.Manifest).Problems.Select(problem => problem.Message));
        }
        catch (ModelFormatException error)
        {
            return error.Message;
        }
    }

    private ModelGraph Graph(string changes)
    {
        Write(changes);
        using var folder = HuggingFaceFolder.Open(_folder);
        var result = PlanCompiler.BuildGraph(folder.Manifest);
        result.Problems.ShouldBeEmpty();
        return result.Graph!;
    }

    private void Write(string changes)
    {
        var config = JsonNode.Parse("""
            {
              "model_type": "llama", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4,
              "num_key_value_heads": 2, "vocab_size": 64, "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "hidden_act": "silu"
            }
            """)!.AsObject();
        using var document = JsonDocument.Parse(changes);
        var text = new System.Text.StringBuilder("{");
        foreach (var (key, value) in config.Where(entry => !document.RootElement.TryGetProperty(entry.Key, out _)))
            text.Append($"\"{key}\": {value!.ToJsonString()},");
        text.Append(changes.AsSpan(changes.IndexOf('{', StringComparison.Ordinal) + 1));
        File.WriteAllText(Path.Combine(_folder, "config.json"), changes == "{}" ? config.ToJsonString() : text.ToString());

        (string Name, long[] Shape)[] tensors =
        [
            ("model.embed_tokens.weight", [64, 32]), ("model.norm.weight", [32]), ("lm_head.weight", [64, 32]),
            ("model.layers.0.input_layernorm.weight", [32]), ("model.layers.0.post_attention_layernorm.weight", [32]),
            ("model.layers.0.self_attn.q_proj.weight", [32, 32]), ("model.layers.0.self_attn.k_proj.weight", [16, 32]),
            ("model.layers.0.self_attn.v_proj.weight", [16, 32]), ("model.layers.0.self_attn.o_proj.weight", [32, 32]),
            ("model.layers.0.mlp.gate_proj.weight", [64, 32]), ("model.layers.0.mlp.up_proj.weight", [64, 32]), ("model.layers.0.mlp.down_proj.weight", [32, 64]),
        ];
        SafetensorsWriter.Write(
            Path.Combine(_folder, "model.safetensors"),
            tensors.Select(tensor => (tensor.Name, tensor.Shape, new float[tensor.Shape.Aggregate((a, b) => a * b)])).ToList());
    }
}
