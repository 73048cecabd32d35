using KernelForge.Generator.Declarations;
using KernelForge.Generator.Diagnostics;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Manifests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Generator.Tests;

public class DiagnosticTests
{
    private static readonly TestProject Project = TestProject.With(TestModels.Tiny, "Acme.Tiny");

    [Fact]
    public void A_sound_project_has_no_diagnostics() => Project.Run().Diagnostics.ShouldBeEmpty();

    [Theory]
    [InlineData("namespace Acme; public class Tiny { }", 0, 29)]
    [InlineData("namespace Acme\n{\n    class Tiny { }\n}", 2, 10)]
    public void A_part_that_is_not_partial_is_reported_at_its_name(string source, int line, int column)
    {
        var diagnostic = Only(Project.WithSource(source), GeneratorCodes.UserPartNotPartial);
        diagnostic.Location.GetLineSpan().Path.ShouldBe("/project/Source1.cs");
        diagnostic.Location.GetLineSpan().StartLinePosition.ShouldBe(new(line, column));
        diagnostic.GetMessage().ShouldContain("Acme.Tiny");
    }

    [Theory]
    [InlineData("namespace Acme; public partial class Tiny { }")]
    [InlineData("class Tiny { }")]
    [InlineData("namespace Acme { class Other { class Tiny { } } }")]
    [InlineData("namespace Acme.Tools { class Tiny { } }")]
    public void A_partial_part_and_other_classes_are_no_error(string source) => Project.WithSource(source).Run().Diagnostics.ShouldBeEmpty();

    [Theory]
    [InlineData("namespace Acme; partial struct Tiny { }")]
    [InlineData("namespace Acme; interface Tiny { }")]
    [InlineData("namespace Acme; enum Tiny { A }")]
    [InlineData("namespace Acme; partial class Tiny<T> { }")]
    public void Another_kind_of_type_under_the_name_is_reported_at_its_name(string source)
    {
        var diagnostic = Only(Project.WithSource(source), GeneratorCodes.UserPartNotClass);
        diagnostic.Location.GetLineSpan().StartLinePosition.Character.ShouldBe(source.IndexOf("Tiny", StringComparison.Ordinal));
    }

    [Fact]
    public void A_class_declared_twice_is_reported_at_the_second_model()
    {
        var project = Project.Add(TestModels.Tiny, "acme.tiny");
        var diagnostic = Only(project, GeneratorCodes.ClassDeclaredTwice);
        diagnostic.Location.GetLineSpan().Path.ShouldBe("/project/obj/1.kfmanifest");
        project.Run().Files.Keys.Count(name => name.EndsWith("Tiny.g.cs", StringComparison.OrdinalIgnoreCase)).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("class")]
    [InlineData("Acme.")]
    [InlineData("Acme..Tiny")]
    [InlineData("3D")]
    [InlineData("Acme.Tiny<int>")]
    [InlineData("@class")]
    [InlineData("record")]
    public void A_name_that_is_no_class_name_is_reported(string name)
    {
        var project = TestProject.With(TestModels.Tiny, name);
        Only(project, GeneratorCodes.ClassNameInvalid).Location.GetLineSpan().Path.ShouldBe("/project/obj/0.kfmanifest");
        project.Run().Files.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(BuildKeys.Activations, "int4", "Activations")]
    [InlineData(BuildKeys.Activations, "1", "Activations")]
    [InlineData(BuildKeys.Cache, "bf16", "Kv")]
    [InlineData(BuildKeys.Context, "many", "Context")]
    [InlineData(BuildKeys.Context, "0", "Context")]
    [InlineData(BuildKeys.Context, "-5", "Context")]
    [InlineData(BuildKeys.Weights, "int3", "Weights")]
    public void An_option_with_an_unknown_value_is_reported(string key, string value, string option)
    {
        var project = new TestProject().Add(ManifestText.Write(TestModels.Tiny), "Tiny", (key, value));
        Only(project, GeneratorCodes.OptionUnknown).GetMessage().ShouldStartWith($"{option}=\"{value}\"");
        ShouldHaveSkeleton(project);
    }

    [Fact]
    public void A_context_beyond_the_models_is_reported() =>
        Only(new TestProject().Add(ManifestText.Write(TestModels.Tiny), "Tiny", (BuildKeys.Context, "100000")), ProblemCodes.OptionRange);

    [Fact]
    public void An_old_language_version_is_reported_and_nothing_that_needs_it_is_generated()
    {
        var project = Project with { Language = LanguageVersion.CSharp10 };
        Only(project, GeneratorCodes.LanguageTooOld).GetMessage().ShouldContain("C# 10.0");
        ShouldHaveSkeleton(project);
    }

    [Theory]
    [InlineData("")]
    [InlineData("false")]
    public void Unsafe_code_that_is_not_allowed_is_reported(string value)
    {
        var project = Project.WithProperty(BuildKeys.AllowUnsafeBlocks, value);
        Only(project, GeneratorCodes.UnsafeNotAllowed);
        ShouldHaveSkeleton(project);
    }

    [Theory]
    [InlineData("", "", "x64", true)]
    [InlineData("", "", "", true)]
    [InlineData("x64-v2", "", "x64", true)]
    [InlineData("x64-v3", "sse4.2", "x64", true)]
    [InlineData("x64-v3", "", "x64", true)] // the targets make an instruction set of it; where they did not, ILC knows nothing
    [InlineData("x64-v4", "x86-x64-v4", "x64", false)]
    [InlineData("native", "native", "x64", false)]
    [InlineData("", "aes%2Cavx2%2Cbmi", "x64", false)]
    [InlineData("", "", "arm64", false)]
    public void A_native_target_without_vector_code_is_reported(string target, string instructionSet, string processor, bool reported)
    {
        var project = Project
            .WithProperty(BuildKeys.PublishAot, "true")
            .WithProperty(BuildKeys.Target, target)
            .WithProperty(BuildKeys.IlcInstructionSet, instructionSet)
            .WithProperty(BuildKeys.Processor, processor);
        project.Run().Diagnostics.Select(diagnostic => diagnostic.Id).ShouldBe(reported ? [GeneratorCodes.TargetWouldScalarise] : []);
    }

    [Fact]
    public void An_unknown_instruction_set_is_reported() =>
        Only(Project.WithProperty(BuildKeys.InstructionSets, "Avx2;Avx3"), GeneratorCodes.InstructionSetUnknown).GetMessage().ShouldContain("Avx3");

    [Theory]
    [InlineData(ProblemCodes.FileMissing)]
    [InlineData(ProblemCodes.FileUnreadable)]
    public void What_describe_found_wrong_is_reported(string code)
    {
        var project = new TestProject().Add(ManifestText.WriteProblem(new(code, "tiny.gguf is not there."), "tiny.gguf"), "Acme.Tiny");
        Only(project, code).GetMessage().ShouldBe("tiny.gguf is not there.");
        ShouldHaveSkeleton(project);
    }

    [Fact]
    public void A_damaged_manifest_is_reported()
    {
        var project = new TestProject().Add("nonsense", "Acme.Tiny");
        Only(project, ProblemCodes.ManifestDamaged);
        ShouldHaveSkeleton(project);
    }

    [Fact]
    public void An_unknown_architecture_is_reported()
    {
        var project = TestProject.With(TestModels.Tiny with { Architecture = "hydra" });
        Only(project, ProblemCodes.ArchitectureUnknown).GetMessage().ShouldContain("hydra");
        ShouldHaveSkeleton(project);
    }

    [Fact]
    public void A_missing_tensor_is_reported()
    {
        var model = TestModels.Tiny with { Tensors = TestModels.Tiny.Tensors.Where(tensor => tensor.Name != "blk.1.ffn_up.weight").ToEquatableArray() };
        Only(TestProject.With(model), ProblemCodes.TensorMissing).GetMessage().ShouldContain("blk.1.ffn_up.weight");
    }

    [Fact]
    public void A_wrong_shape_is_reported_at_the_tensor()
    {
        var diagnostic = Only(TestProject.With(Alter("blk.0.attn_q.weight", tensor => tensor with { Shape = EquatableArray.Create(32L, 64L) })), ProblemCodes.TensorShape);
        LineOf(diagnostic, TestModels.Tiny).ShouldContain("blk.0.attn_q.weight");
    }

    [Fact]
    public void A_wrong_type_is_reported_at_the_tensor()
    {
        var diagnostic = Only(TestProject.With(Alter("blk.1.ffn_down.weight", tensor => tensor with { Type = 9 })), ProblemCodes.TensorType);
        LineOf(diagnostic, TestModels.Tiny).ShouldContain("blk.1.ffn_down.weight");
    }

    [Fact]
    public void A_chat_template_that_cannot_be_compiled_is_reported_with_line_and_column_and_the_class_is_still_generated()
    {
        var model = TestModels.Llama("tiny.gguf", 2, 64, 128, 2, 1, 32, 96, 256, template: "{{ messages }}\n  {% unheard_of %}");
        var project = TestProject.With(model);
        Only(project, GeneratorCodes.TemplateUnsupported).GetMessage().ShouldContain("line 2, column ");
        project.Run().Files.Keys.ShouldContain("Tiny.Portable.g.cs");
    }

    [Fact]
    public void Every_problem_code_has_a_descriptor_a_release_note_and_a_section_in_the_documentation()
    {
        var codes = new[] { typeof(ProblemCodes), typeof(GeneratorCodes), typeof(Language.DeclarationCodes) }.SelectMany(type => type.GetFields()).Select(field => (string)field.GetRawConstantValue()!).ToArray();
        codes.Order(StringComparer.Ordinal).ShouldBe(Descriptors.All.Select(descriptor => descriptor.Id).Order(StringComparer.Ordinal));
        var page = File.ReadAllText(Repository.At("docs/diagnostics.md"));
        var releases = File.ReadAllText(Repository.At("generators/KernelForge.Generator/AnalyzerReleases.Unshipped.md"));
        foreach (var descriptor in Descriptors.All)
        {
            page.ShouldContain("## " + descriptor.Id + "\n");
            releases.ShouldContain(descriptor.Id);
            descriptor.HelpLinkUri.ShouldEndWith("docs/diagnostics.md#" + descriptor.Id.ToLowerInvariant());
        }
    }

    private static Manifest Alter(string name, Func<TensorEntry, TensorEntry> change) =>
        TestModels.Tiny with { Tensors = TestModels.Tiny.Tensors.Select(tensor => tensor.Name == name ? change(tensor) : tensor).ToEquatableArray() };

    private static Diagnostic Only(TestProject project, string code)
    {
        var diagnostics = project.Run().Diagnostics;
        diagnostics.Select(diagnostic => diagnostic.Id).ShouldBe([code], string.Join('\n', diagnostics));
        return diagnostics[0];
    }

    private static string LineOf(Diagnostic diagnostic, Manifest manifest) =>
        ManifestText.Write(manifest).Split('\n')[diagnostic.Location.GetLineSpan().StartLinePosition.Line];

    /// <summary>Only the class itself, so that code which uses it still compiles.</summary>
    private static void ShouldHaveSkeleton(TestProject project)
    {
        var outcome = project.Run();
        var name = outcome.Files.Keys.ShouldHaveSingleItem();
        name.ShouldEndWith("Tiny.g.cs");
        var use = $"class Use {{ static object Load() => global::{name[..^5]}.Load(new() {{ Threads = 1 }}); }}";
        project.WithSource(use).Run().Compilation.GetDiagnostics().ShouldBeEmpty();
    }
}
