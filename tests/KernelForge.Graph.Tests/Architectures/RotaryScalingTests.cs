using KernelForge.Compilation;
using KernelForge.Graphs;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests.Architectures;

public sealed class RotaryScalingTests
{
    private const string Scaling = "llama.rope.scaling.";
    private static readonly Manifest Model = new LlamaManifest { Context = 256 }.Build();

    [Fact]
    public void None() => Table().ShouldBe(new RotaryTable(8, 10_000, new RotaryScaling.Default()));

    [Fact]
    public void Linear_by_its_name() =>
        Table(Text("type", "linear"), Real("factor", "2")).Scaling.ShouldBe(new RotaryScaling.Linear(2));

    [Fact]
    public void Linear_as_files_of_2023_say_it() =>
        Table(new MetadataEntry("llama.rope.scale_linear", MetadataType.Float, "4")).Scaling.ShouldBe(new RotaryScaling.Linear(4));

    [Fact]
    public void A_factor_of_zero_or_one_scales_nothing()
    {
        Table(Real("factor", "0")).Scaling.ShouldBe(new RotaryScaling.Default());
        Table(Text("type", "linear"), Real("factor", "1")).Scaling.ShouldBe(new RotaryScaling.Default());
    }

    [Fact]
    public void Dynamic() =>
        Table(Text("type", "dynamic"), Real("factor", "2"), LlamaManifest.Integer(Scaling + "original_context_length", 128))
            .Scaling.ShouldBe(new RotaryScaling.Dynamic(2, 128));

    [Fact]
    public void Yarn_has_the_amplitude_of_the_paper() =>
        Table(Text("type", "yarn"), Real("factor", "4"), LlamaManifest.Integer(Scaling + "original_context_length", 64))
            .Scaling.ShouldBe(new RotaryScaling.Yarn(4, 64, 1 + (0.1 * Math.Log(4)), 32, 1, Truncate: true));

    [Fact]
    public void Yarn_with_everything_said() =>
        Table(
            Text("type", "yarn"), Real("factor", "4"), Real("yarn_attn_factor", "0.5"), Real("yarn_beta_fast", "16"), Real("yarn_beta_slow", "2"),
            new MetadataEntry(Scaling + "truncate", MetadataType.Boolean, "false"))
            .Scaling.ShouldBe(new RotaryScaling.Yarn(4, 256, 0.5 * (1 + (0.1 * Math.Log(4))), 16, 2, Truncate: false));

    [Fact]
    public void Llama3_by_its_parameters() =>
        Table(Text("type", "llama3"), Real("factor", "8"), Real("low_freq_factor", "1"), Real("high_freq_factor", "4"), LlamaManifest.Integer(Scaling + "original_context_length", 32))
            .Scaling.ShouldBe(new RotaryScaling.Llama3(8, 1, 4, 32));

    [Fact]
    public void Llama3_as_a_tensor_of_divisors()
    {
        var graph = Build(WithTensors(Model, ("rope_freqs.weight", 8)));
        graph.Graph!.Rotaries[0].Scaling.ShouldBe(new RotaryScaling.PerPair(default, default, "rope_freqs.weight", "rope_freqs.weight", 256, 1));
        graph.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Longrope_as_two_tensors()
    {
        var manifest = With(Model, Text("type", "longrope"), Real("attn_factor", "1.25"), LlamaManifest.Integer(Scaling + "original_context_length", 64));
        var graph = Build(WithTensors(manifest, ("rope_factors_short.weight", 8), ("rope_factors_long.weight", 8)));
        graph.Graph!.Rotaries[0].Scaling.ShouldBe(
            new RotaryScaling.PerPair(default, default, "rope_factors_short.weight", "rope_factors_long.weight", 64, 1.25));
    }

    [Fact]
    public void Llama3_with_frequencies_in_the_wrong_order() =>
        Build(With(Model, Text("type", "llama3"), Real("factor", "8"), Real("low_freq_factor", "4"), Real("high_freq_factor", "1")))
            .Problems[0].Code.ShouldBe(ProblemCodes.HyperparameterContradiction);

    [Fact]
    public void Divisors_on_top_of_another_scaling() =>
        Build(WithTensors(With(Model, Text("type", "linear"), Real("factor", "2")), ("rope_freqs.weight", 8)))
            .Problems[0].Code.ShouldBe(ProblemCodes.HyperparameterContradiction);

    [Fact]
    public void A_part_of_a_head() => Table(LlamaManifest.Integer("llama.rope.dimension_count", 8)).Pairs.ShouldBe(4);

    private static RotaryTable Table(params MetadataEntry[] entries)
    {
        var result = Build(With(Model, entries));
        result.Problems.ShouldBeEmpty();
        PlanCompiler.Compile(With(Model, entries), new()).Plan!.Rotaries.ShouldBe(result.Graph!.Rotaries);
        return result.Graph.Rotaries[0];
    }

    private static GraphResult Build(Manifest manifest) => PlanCompiler.BuildGraph(manifest);

    private static MetadataEntry Text(string key, string text) => new(Scaling + key, MetadataType.String, text);

    private static MetadataEntry Real(string key, string text) => new(Scaling + key, MetadataType.Float, text);

    private static Manifest With(Manifest manifest, params MetadataEntry[] entries) => manifest with
    {
        Metadata = manifest.Metadata.Where(old => !entries.Any(entry => entry.Key == old.Key)).Concat(entries).ToEquatableArray(),
    };

    private static Manifest WithTensors(Manifest manifest, params (string Name, int Length)[] tensors) => manifest with
    {
        Tensors = manifest.Tensors.Concat(tensors.Select(tensor => new TensorEntry(tensor.Name, 0, EquatableArray.Create((long)tensor.Length), 0, 0))).ToEquatableArray(),
    };
}
