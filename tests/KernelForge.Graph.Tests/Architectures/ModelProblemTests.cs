using KernelForge.Compilation;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Each way in which a model can be wrong gives its own code, names the place and does not throw.</summary>
public sealed class ModelProblemTests
{
    [Theory]
    [InlineData("llama.block_count")]
    [InlineData("llama.embedding_length")]
    [InlineData("llama.context_length")]
    [InlineData("llama.feed_forward_length")]
    [InlineData("llama.attention.head_count")]
    [InlineData("llama.attention.layer_norm_rms_epsilon")]
    public void A_missing_hyperparameter(string key) => Expect(Without(key), ProblemCodes.HyperparameterMissing, key);

    [Theory]
    [InlineData("llama.block_count", MetadataType.String, "2", ProblemCodes.HyperparameterType)]
    [InlineData("llama.block_count", MetadataType.IntegerArray, "2,2", ProblemCodes.HyperparameterType)]
    [InlineData("llama.block_count", MetadataType.Integer, "0", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.block_count", MetadataType.Integer, "18446744073709551615", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.context_length", MetadataType.Integer, "0", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.embedding_length", MetadataType.Integer, "-64", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.attention.head_count", MetadataType.Boolean, "true", ProblemCodes.HyperparameterType)]
    [InlineData("llama.attention.head_count", MetadataType.IntegerArray, "4", ProblemCodes.HyperparameterContradiction)]
    [InlineData("llama.attention.head_count", MetadataType.IntegerArray, "4,2", ProblemCodes.FeatureUnsupported)]
    [InlineData("llama.attention.head_count_kv", MetadataType.Integer, "3", ProblemCodes.HyperparameterContradiction)]
    [InlineData("llama.attention.key_length", MetadataType.Integer, "0", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.attention.value_length", MetadataType.Integer, "32", ProblemCodes.FeatureUnsupported)]
    [InlineData("llama.attention.layer_norm_rms_epsilon", MetadataType.Float, "NaN", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.attention.layer_norm_rms_epsilon", MetadataType.Float, "Infinity", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.attention.layer_norm_rms_epsilon", MetadataType.String, "small", ProblemCodes.HyperparameterType)]
    [InlineData("llama.rope.dimension_count", MetadataType.Integer, "15", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.rope.dimension_count", MetadataType.Integer, "18", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.rope.freq_base", MetadataType.Float, "0", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.rope.scaling.type", MetadataType.String, "no-such", ProblemCodes.FeatureUnsupported)]
    [InlineData("llama.rope.scaling.factor", MetadataType.Float, "-2", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.expert_count", MetadataType.Integer, "-4", ProblemCodes.HyperparameterRange)]
    [InlineData("llama.vocab_size", MetadataType.Integer, "321", ProblemCodes.VocabularyMismatch)]
    [InlineData("kernelforge.vocabulary", MetadataType.Integer, "319", ProblemCodes.VocabularyMismatch)]
    public void A_wrong_hyperparameter(string key, MetadataType type, string text, string code) =>
        Expect(Without(key) with { Metadata = Without(key).Metadata.Append(new MetadataEntry(key, type, text)).ToEquatableArray() }, code);

    [Fact]
    public void An_unknown_architecture() =>
        Expect(Manifest() with { Architecture = "no-such" }, ProblemCodes.ArchitectureUnknown, "general.architecture").ShouldContain("llama");

    [Fact]
    public void Heads_that_do_not_divide_the_width_need_a_key_length()
    {
        var manifest = Without("llama.attention.key_length");
        Expect(Replace(manifest, "llama.attention.head_count", "5"), ProblemCodes.HyperparameterContradiction);
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(258, false)]
    [InlineData(1024, false)]
    public void A_head_wider_than_the_kernels_scratch_holds(int size, bool fits)
    {
        var manifest = new LlamaManifest { HeadSize = size, Matrices = WeightType.F16, Table = WeightType.F16 }.Build();
        if (fits)
            PlanCompiler.Compile(manifest, new()).Plan.ShouldNotBeNull();
        else
            Expect(manifest, ProblemCodes.FeatureUnsupported, "llama.attention.key_length").ShouldContain($"{size} values");
    }

    [Fact]
    public void A_head_that_only_the_width_gives_is_refused_too()
    {
        var manifest = new LlamaManifest { HeadSize = 2048, Width = 4096, Heads = 2, KeyValueHeads = 1, Matrices = WeightType.F16, Table = WeightType.F16 }.Build();
        var keys = new[] { "llama.attention.key_length", "llama.attention.value_length" };
        Expect(manifest with { Metadata = manifest.Metadata.Where(entry => !keys.Contains(entry.Key)).ToEquatableArray() }, ProblemCodes.FeatureUnsupported).ShouldContain("2048 values");
    }

    [Theory]
    [InlineData("token_embd.weight")]
    [InlineData("blk.0.attn_q.weight")]
    [InlineData("blk.1.ffn_norm.weight")]
    [InlineData("output_norm.weight")]
    public void A_missing_tensor(string name)
    {
        var manifest = Manifest();
        Expect(manifest with { Tensors = manifest.Tensors.Where(tensor => tensor.Name != name).ToEquatableArray() }, ProblemCodes.TensorMissing, name);
    }

    [Theory]
    [InlineData("blk.0.attn_k.weight", 16, 64)]
    [InlineData("blk.0.ffn_down.weight", 128, 64)]
    [InlineData("output_norm.weight", 1, 64)]
    public void A_tensor_of_another_shape(string name, long rows, long columns) =>
        Expect(Change(name, tensor => tensor with { Shape = EquatableArray.Create(rows, columns) }), ProblemCodes.TensorShape, name);

    [Theory]
    [InlineData("blk.0.attn_q.weight", 9, "Q8_1")]
    [InlineData("blk.0.attn_q.weight", 26, "I32")]
    [InlineData("blk.0.attn_q.weight", 999, "999")]
    [InlineData("blk.0.attn_norm.weight", 2, "Q4_0")]
    public void A_tensor_of_another_type(string name, int type, string expected) =>
        Expect(Change(name, tensor => tensor with { Type = type }), ProblemCodes.TensorType, name).ShouldContain(expected);

    [Fact]
    public void Quantized_rows_that_are_no_whole_blocks() =>
        Expect(new LlamaManifest { Width = 48, Table = WeightType.F32 }.Build(), ProblemCodes.TensorShape).ShouldContain("blocks of 32");

    [Fact]
    public void An_unknown_tensor_is_a_warning_only()
    {
        var manifest = Manifest();
        var extra = new TensorEntry("clip.proj", 0, EquatableArray.Create(4L), 0, 16);
        var result = PlanCompiler.Compile(manifest with { Tensors = manifest.Tensors.Append(extra).ToEquatableArray() }, new());
        result.Plan.ShouldNotBeNull();
        result.Problems.ShouldHaveSingleItem().ShouldBe(result.Problems[0] with { Code = ProblemCodes.TensorUnused, Severity = ProblemSeverity.Warning, Where = "clip.proj" });
    }

    [Fact]
    public void A_gate_and_an_up_of_two_types_are_packed_as_floats_with_a_warning()
    {
        var result = PlanCompiler.Compile(new LlamaManifest { Ups = WeightType.Q8_0 }.Build(), new());
        result.Problems.Select(problem => problem.Code).Distinct().ShouldBe([ProblemCodes.TypesMixed]);
        result.Plan!.Blocks[1].Tensors.Single(tensor => tensor.Interleaved).Layout.ShouldBe(KernelForge.Plans.PackedLayout.Float32);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(257)]
    public void A_context_that_the_model_does_not_have(int context)
    {
        var result = PlanCompiler.Compile(Manifest(), new(Context: context));
        result.Plan.ShouldBeNull();
        result.Problems.ShouldHaveSingleItem().Code.ShouldBe(ProblemCodes.OptionRange);
    }

    [Fact]
    public void A_thousand_missing_tensors_are_not_a_thousand_messages() =>
        PlanCompiler.Compile(Replace(Manifest(), "llama.block_count", "4096"), new()).Problems.Count.ShouldBeInRange(2, 20);

    [Fact]
    public void Control_characters_of_the_file_do_not_reach_the_terminal() =>
        Expect(Manifest() with { Architecture = "a\u001b[31m" }, ProblemCodes.ArchitectureUnknown).ShouldNotContain("\u001b");

    private static string Expect(Manifest manifest, string code, string? where = null)
    {
        var result = PlanCompiler.Compile(manifest, new());
        result.Plan.ShouldBeNull();
        var problem = result.Problems.First(problem => problem.IsError);
        problem.Code.ShouldBe(code, problem.Message);
        if (where is not null)
            problem.Where.ShouldBe(where);
        return problem.Message;
    }

    private static Manifest Manifest() => new LlamaManifest().Build();

    private static Manifest Without(string key)
    {
        var manifest = Manifest();
        return manifest with { Metadata = manifest.Metadata.Where(entry => entry.Key != key).ToEquatableArray() };
    }

    private static Manifest Replace(Manifest manifest, string key, string text) =>
        manifest with { Metadata = manifest.Metadata.Select(entry => entry.Key == key ? entry with { Text = text } : entry).ToEquatableArray() };

    private static Manifest Change(string name, Func<TensorEntry, TensorEntry> change)
    {
        var manifest = Manifest();
        return manifest with { Tensors = manifest.Tensors.Select(tensor => tensor.Name == name ? change(tensor) : tensor).ToEquatableArray() };
    }
}
