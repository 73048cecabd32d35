using System.Globalization;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Emission;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Manifests;
using KernelForge.Plans;
using KernelForge.Runtime;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Generator.Tests;

public class EmissionTests
{
    private static readonly string[] AllKinds = ["Avx512", "Avx2Vnni", "Avx2", "AdvSimd", "Portable"];

    [Fact]
    public void The_class_of_the_tiny_model() => Snapshot.ShouldMatch(Tiny.Files["Acme.Tiny.g.cs"], "Tiny.g.cs");

    [Fact]
    public void The_plan_of_the_tiny_model() => Snapshot.ShouldMatch(Tiny.Files["Acme.Tiny.Plan.g.cs"], "Tiny.Plan.g.cs");

    [Fact]
    public void The_forward_pass_of_the_tiny_model() => Snapshot.ShouldMatch(WithoutKernels(Tiny.Files["Acme.Tiny.Portable.g.cs"]), "Tiny.Portable.g.cs");

    [Fact]
    public void The_class_of_SmolLM2() =>
        Snapshot.ShouldMatch(TestProject.With(TestModels.SmolLM2, "SmolLM2").WithProperty(BuildKeys.InstructionSets, "Avx512,Avx2,Portable").Run().Files["SmolLM2.g.cs"], "SmolLM2.g.cs");

    [Fact]
    public void The_forward_pass_of_a_model_with_float_activations() =>
        Snapshot.ShouldMatch(
            WithoutKernels(new TestProject().Add(ManifestText.Write(TestModels.Tiny), "Tiny", (BuildKeys.Activations, "float")).Run().Files["Tiny.Portable.g.cs"]),
            "TinyFloat.Portable.g.cs");

    [Fact]
    public void The_skeleton_of_a_model_that_is_missing() =>
        Snapshot.ShouldMatch(
            new TestProject().Add(ManifestText.WriteProblem(new(ProblemCodes.FileMissing, "It is not there."), "tiny.gguf"), "Acme.Tiny").Run().Files["Acme.Tiny.g.cs"],
            "Skeleton.g.cs");

    [Fact]
    public void A_plan_that_is_needed_no_longer_is_given_up() => Should.Throw<OperationCanceledException>(
        () => ModelCompiler.Plan(TestModels.Tiny, new("", "Tiny"), new("Tiny"), cancellation: new CancellationToken(canceled: true)));

    [Theory]
    [InlineData("Tiny", "")]
    [InlineData("Acme.Models.Tiny", "")]
    [InlineData("Acme.Models.Tiny", "namespace Acme.Models { internal partial class Tiny { } }")]
    [InlineData("Tiny", "partial class Tiny { internal int Own => Vocabulary; }")]
    public void Generated_code_compiles_without_a_warning(string name, string userPart)
    {
        var project = TestProject.With(TestModels.Tiny, name).WithSource(userPart).WithSource($"class Use {{ static object Load() => global::{name}.Load(); }}");
        project.Run().Compilation.GetDiagnostics().ShouldBeEmpty();
    }

    [Fact]
    public void Generated_code_of_every_instruction_set_compiles_in_the_oldest_language_without_a_warning()
    {
        var model = TestModels.Llama("all.gguf", 2, 64, 128, 2, 1, 32, 96, 256, WeightType.Q4_0, WeightType.F16, template: "{% for m in messages %}{{ m.content }}{% endfor %}");
        var project = (TestProject.With(model) with { Language = Diagnostics.ProjectCheck.OldestLanguage }).WithProperty(BuildKeys.InstructionSets, string.Empty);
        var outcome = project.Run();
        outcome.Diagnostics.ShouldBeEmpty();
        outcome.Files.Keys.Order(StringComparer.Ordinal).ShouldBe(
            AllKinds.Append("ChatTemplate").Append("Machine").Append("Plan").Select(part => $"Tiny.{part}.g.cs").Append("Tiny.g.cs").Order(StringComparer.Ordinal));
        outcome.Compilation.GetDiagnostics().ShouldBeEmpty();
    }

    [Fact]
    public void Two_models_live_in_one_assembly()
    {
        var outcome = TestProject.With(TestModels.Tiny, "Acme.First").Add(TestModels.Tiny, "Acme.Second").Run();
        outcome.Compilation.GetDiagnostics().ShouldBeEmpty();
        outcome.Compilation.Assembly.GetAttributes().Count(attribute => attribute.AttributeClass!.Name == nameof(CompiledModelAttribute)).ShouldBe(2);
    }

    [Fact]
    public void The_plan_in_the_assembly_is_the_plan_whose_hash_the_class_holds()
    {
        var attribute = Tiny.Compilation.Assembly.GetAttributes().Single(item => item.AttributeClass!.Name == nameof(CompiledModelAttribute));
        var values = attribute.ConstructorArguments.Select(argument => (string)argument.Value!).ToArray();
        values[0].ShouldBe("Acme.Tiny");
        var plan = PlanEncoding.Decode(Convert.FromBase64String(values[1]));
        values[2].ShouldBe(Convert.ToHexStringLower(PlanEncoding.Hash(plan)));
        values[3].ShouldBe("models/tiny.gguf");
        Tiny.Files["Acme.Tiny.g.cs"].ShouldContain($"PlanHash = \"{values[2]}\"");
    }

    [Theory]
    [InlineData("", Accessibility.Public)]
    [InlineData("namespace Acme; partial class Tiny { }", Accessibility.Internal)]
    [InlineData("namespace Acme; public partial class Tiny { }", Accessibility.Public)]
    public void The_users_part_decides_the_accessibility(string userPart, Accessibility expected)
    {
        var compilation = TestProject.With(TestModels.Tiny, "Acme.Tiny").WithSource(userPart).Run().Compilation;
        compilation.GetTypeByMetadataName("Acme.Tiny")!.DeclaredAccessibility.ShouldBe(expected);
    }

    [Theory]
    [InlineData("Avx2", "Avx512", "Avx2Kernels")]
    [InlineData("Avx2", "Avx2Vnni", "Avx2Kernels")]
    [InlineData("Avx2Vnni,Portable", "Avx512", "PortableKernels")]
    [InlineData("portable", "AdvSimd", "PortableKernels")]
    [InlineData("Avx2", "Portable", "throw")]
    public void A_processor_runs_the_best_kernels_there_are(string emitted, string processor, string expected)
    {
        var file = TestProject.With(TestModels.Tiny).WithProperty(BuildKeys.InstructionSets, emitted).Run().Files["Tiny.g.cs"];
        var section = file[file.IndexOf($"SimdKind.{processor}:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(line => line.Trim());
        section.First(line => !line.StartsWith("case", StringComparison.Ordinal)).ShouldStartWith(expected);
    }

    [Fact]
    public void Layers_of_different_kinds_keep_their_order()
    {
        var mixed = TestModels.Tiny with
        {
            Tensors = TestModels.Llama("mixed.gguf", 4, 64, 128, 2, 1, 32, 96, 256).Tensors
                .Select(tensor => tensor.Name.StartsWith("blk.2.ffn_down", StringComparison.Ordinal) ? tensor with { Type = (int)WeightType.Q4_0, Length = tensor.Length / 20 * 18 } : tensor)
                .ToEquatableArray(),
            Metadata = TestModels.Llama("mixed.gguf", 4, 64, 128, 2, 1, 32, 96, 256).Metadata,
        };
        var file = WithoutKernels(TestProject.With(mixed).Run().Files["Tiny.Portable.g.cs"]);
        Snapshot.ShouldMatch(file[..file.IndexOf("private static void", StringComparison.Ordinal)], "Mixed.Forward.g.cs");
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(80)]
    public void A_cache_unit_is_as_large_as_the_run_time_makes_it(int headSize)
    {
        foreach (var format in Enum.GetValues<CacheFormat>())
            CachePlaces.UnitBytes(new CacheShape(1, 1, headSize, format), format).ShouldBe(CachePages.UnitBytes(headSize, (KeyValueFormat)format));
    }

    [Theory]
    [InlineData(1e-5f)]
    [InlineData(1e-6f)]
    [InlineData(0.125f)]
    [InlineData(0.088388346f)]
    [InlineData(1f / 3)]
    [InlineData(float.Epsilon)]
    [InlineData(float.MaxValue)]
    public void Floats_survive_their_literals(float value)
    {
        var literal = SourceWriter.Literal(value);
        literal.ShouldEndWith("f");
        float.Parse(literal.TrimEnd('f'), CultureInfo.InvariantCulture).ShouldBe(value);
    }

    [Theory]
    [InlineData("Query, key and value", "QueryKeyAndValue")]
    [InlineData("3rd", "_3rd")]
    [InlineData("über", "Ber")]
    [InlineData("", "_")]
    public void Names_become_identifiers(string name, string expected)
    {
        Identifiers.Pascal(name).ShouldBe(expected);
        SyntaxFacts.IsValidIdentifier(Identifiers.Pascal(name)).ShouldBeTrue();
    }

    private static TestOutcome Tiny { get; } = TestProject.With(TestModels.Tiny, "Acme.Tiny").Run();

    /// <summary>Kernels have tests of their own; a snapshot of them would change with every tuning.</summary>
    private static string WithoutKernels(string file)
    {
        var share = file.IndexOf("nint Share(", StringComparison.Ordinal);
        return file[..(file.IndexOf('\n', share) + 1)];
    }
}
