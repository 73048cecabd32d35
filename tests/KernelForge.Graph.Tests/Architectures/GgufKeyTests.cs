using KernelForge.Compilation;
using KernelForge.Graphs;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests.Architectures;

/// <summary>Hyper-parameters of GGUF files: what changes the model is read or refused, windows above all.</summary>
public sealed class GgufKeyTests
{
    private const int Layers = 6;

    [Theory]
    [InlineData("attention.clamp_kqv", MetadataType.Float, "8")]
    [InlineData("attention.max_alibi_bias", MetadataType.Float, "8")]
    [InlineData("attention.causal", MetadataType.Boolean, "false")]
    [InlineData("attention.scale", MetadataType.Float, "0.5")]
    [InlineData("logit_scale", MetadataType.Float, "0.25")]
    [InlineData("final_logit_softcapping", MetadataType.Float, "30")]
    [InlineData("nextn_predict_layers", MetadataType.Integer, "1")]
    [InlineData("rope.dimension_sections", MetadataType.IntegerArray, "16,24,24,0")]
    [InlineData("rope.scaling.attn_factor", MetadataType.Float, "2")]
    [InlineData("some_kind", MetadataType.String, "other")]
    public void What_the_architecture_does_not_ask_for_is_refused_by_name_and_value(string key, MetadataType type, string text)
    {
        var result = PlanCompiler.Compile(With("llama", new MetadataEntry("llama." + key, type, text)), new());
        result.Plan.ShouldBeNull();
        var problem = result.Problems.ShouldHaveSingleItem();
        (problem.Code, problem.Where).ShouldBe((ProblemCodes.FeatureUnsupported, "llama." + key));
        problem.Message.ShouldContain($"llama.{key} ({text})");
    }

    [Theory]
    [InlineData("attention.clamp_kqv", MetadataType.Float, "0")]
    [InlineData("attention.causal", MetadataType.Boolean, "true")]
    [InlineData("logit_scale", MetadataType.Float, "1")]
    [InlineData("use_parallel_residual", MetadataType.Boolean, "false")]
    [InlineData("rope.dimension_sections", MetadataType.IntegerArray, "0,0,0,0")]
    [InlineData("rope.scaling.finetuned", MetadataType.Boolean, "true")]
    [InlineData("tokens_per_image", MetadataType.Integer, "256")]
    [InlineData("mm.tokens_per_image", MetadataType.Integer, "256")]
    [InlineData("tensor_data_layout", MetadataType.String, "Meta AI original pth")]
    [InlineData("attention.layer_norm_epsilon", MetadataType.Float, "1E-05")]
    public void What_is_neutral_or_describes_only_passes(string key, MetadataType type, string text) =>
        PlanCompiler.Compile(With("llama", new MetadataEntry("llama." + key, type, text)), new()).Problems.ShouldBeEmpty();

    [Theory]
    [InlineData("2", 1, 0, 1, 0, 1, 0)]
    [InlineData("3", 1, 1, 0, 1, 1, 0)]
    [InlineData("1", 0, 0, 0, 0, 0, 0)]
    [InlineData("0", 1, 1, 1, 1, 1, 1)]
    public void A_single_number_is_the_period_of_windows(string period, params int[] slides) =>
        Windows(With("llama", LlamaManifest.Integer("llama.attention.sliding_window", 16), new MetadataEntry("llama.attention.sliding_window_pattern", MetadataType.Integer, period)))
            .ShouldBe(slides.Select(slide => 16 * slide));

    [Fact]
    public void Gemma_2_has_a_published_window() => Windows(With("gemma2")).ShouldBe([4096, 0, 4096, 0, 4096, 0]);

    [Theory]
    [InlineData("cohere2")]
    [InlineData("gemma3")]
    [InlineData("gpt-oss")]
    public void Others_with_windows_must_name_theirs(string architecture)
    {
        var result = PlanCompiler.Compile(With(architecture), new());
        result.Plan.ShouldBeNull();
        result.Problems.ShouldContain(problem => problem.Code == ProblemCodes.HyperparameterMissing && problem.Where == architecture + ".attention.sliding_window");
    }

    private static IEnumerable<int> Windows(Manifest manifest)
    {
        var result = PlanCompiler.BuildGraph(manifest);
        result.Problems.ShouldBeEmpty();
        return result.Graph!.Nodes.OfType<AttentionNode>().Select(attention => attention.Window);
    }

    // A llama's file under another name, with what Gemma 2 has beside.
    private static Manifest With(string architecture, params MetadataEntry[] added)
    {
        var manifest = new LlamaManifest { Layers = Layers, Context = 8192, Tied = true }.Build();
        var width = manifest.Tensors.Single(tensor => tensor.Name == "output_norm.weight");
        string[] norms = architecture == "gemma2" ? ["post_attention_norm", "post_ffw_norm"] : [];
        return manifest with
        {
            Architecture = architecture,
            Metadata = manifest.Metadata.Select(entry => entry with { Key = architecture + entry.Key.Substring("llama".Length) }).Concat(added).ToEquatableArray(),
            Tensors = manifest.Tensors.Concat(Enumerable.Range(0, Layers).SelectMany(layer => norms.Select(norm => width with { Name = $"blk.{layer}.{norm}.weight" }))).ToEquatableArray(),
        };
    }
}
