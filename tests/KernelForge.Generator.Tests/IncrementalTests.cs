using System.Collections;
using System.Reflection;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Tests.Graphs;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Manifests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Steps = KernelForge.Generator.ModelGenerator.Steps;

namespace KernelForge.Generator.Tests;

public class IncrementalTests
{
    private const string UserPart = "namespace Acme; public partial class Tiny { }";

    private static readonly TestProject Project = TestProject.With(TestModels.Tiny, "Acme.Tiny").WithSource(UserPart);

    /// <summary>With a class that declares its graph.</summary>
    private static readonly TestProject Declaring = TestProject.With(TestModels.Tiny, "Acme.Tiny").WithSource(DeclaredSource.Class(DeclaredSource.Tiny));

    [Theory]
    [InlineData("class Program { static void Main() { System.Console.WriteLine(1); } }")]
    [InlineData("class Program { static void Main() { } class Tiny { } }")]
    [InlineData("namespace Other { class Tiny { } } class Program { static void Main() { } }")]
    public void An_unrelated_edit_recomputes_nothing(string edited)
    {
        var result = RunAfter(Declaring, Declaring with { Sources = [edited, Declaring.Sources[1]] });
        foreach (var step in AllSteps)
            Reasons(result, step).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached || reason == IncrementalStepRunReason.Unchanged, step);
        OutputReasons(result).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached);
    }

    [Fact]
    public void A_new_file_recomputes_nothing()
    {
        var result = RunAfter(Project, Project.WithSource("class Another { }"));
        OutputReasons(result).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached);
    }

    [Fact]
    public void Moving_the_users_part_looks_for_problems_again_and_generates_nothing_anew()
    {
        var result = RunAfter(Project, Project with { Sources = [Project.Sources[0], "\n\n" + UserPart] });
        Reasons(result, Steps.UserParts).ShouldContain(IncrementalStepRunReason.Modified);
        ShouldKeep(result, Steps.ExtendedClasses, Steps.Plans, Steps.Kernels, Steps.Mains, Steps.Reports);
    }

    [Fact]
    public void A_users_part_that_appears_changes_the_class_and_no_kernels()
    {
        var result = RunAfter(Project with { Sources = [Project.Sources[0]] }, Project);
        Reasons(result, Steps.Mains).ShouldBe([IncrementalStepRunReason.Modified]);
        ShouldKeep(result, Steps.Plans, Steps.Kernels);
    }

    [Theory]
    [InlineData("using System;", "// A comment that moves all of it.\nusing System;")]
    [InlineData("width: 64", "width: 32 + 32")]
    [InlineData("layer => layer", "each => each")]
    public void A_graph_that_is_moved_or_said_otherwise_plans_nothing_anew(string old, string other)
    {
        var result = RunAfter(Declaring, Declaring with { Sources = [Declaring.Sources[0], Declaring.Sources[1].Replace(old, other, StringComparison.Ordinal)] });
        Reasons(result, Steps.Graphs).ShouldContain(IncrementalStepRunReason.Modified);
        ShouldKeep(result, Steps.Declarations, Steps.DeclaredRequests, Steps.Plans, Steps.Kernels, Steps.Mains);
    }

    [Fact]
    public void A_graph_that_says_something_else_plans_its_own_model_anew_and_no_other()
    {
        var project = Declaring.Add(TestModels.Tiny, "Acme.Second");
        var result = RunAfter(project, project with { Sources = [project.Sources[0], project.Sources[1].Replace("10_000", "20_000", StringComparison.Ordinal)] });
        Reasons(result, Steps.Plans).Order().ShouldBe(new[] { IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified }.Order());
    }

    [Fact]
    public void A_changed_model_recomputes_only_itself()
    {
        var project = Project.Add(TestModels.Tiny, "Acme.Second");
        var other = TestModels.Llama("second.gguf", 1, 64, 128, 2, 1, 32, 96, 256);
        var changed = project with { Manifests = [project.Manifests[0], Project.Add(other, "Acme.Second").Manifests[1]] };
        var result = RunAfter(project, changed);
        Reasons(result, Steps.Plans).Order().ShouldBe(new[] { IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified }.Order());
    }

    [Fact]
    public void A_changed_option_of_the_project_that_concerns_no_model_recomputes_none()
    {
        var result = RunAfter(Project, Project.WithProperty("build_property.RootNamespace", "Other"));
        ShouldKeep(result, Steps.Settings, Steps.Project, Steps.Plans, Steps.Kernels, Steps.Mains, Steps.Reports);
    }

    [Fact]
    public void Two_runs_give_the_same_bytes()
    {
        var first = Project.Run().Files;
        var second = Project.Run().Files;
        second.ShouldBe(first);
    }

    [Fact]
    public void What_travels_through_the_pipeline_keeps_no_symbol_syntax_or_compilation_alive()
    {
        var result = Declaring.Run().Result.Results.Single();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var step in AllSteps.Where(step => step != Steps.Settings))
        {
            foreach (var (value, _) in result.TrackedSteps[step].SelectMany(run => run.Outputs))
                ShouldBePlain(value, step, seen);
        }
    }

    private static IEnumerable<string> AllSteps => typeof(Steps).GetFields().Select(step => (string)step.GetRawConstantValue()!);

    private static GeneratorRunResult RunAfter(TestProject before, TestProject after)
    {
        var compilation = before.Compile();
        var driver = before.Driver().RunGenerators(compilation);
        foreach (var (index, source) in after.Sources.Index())
        {
            if (index >= before.Sources.Length)
                compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, after.ParseOptions, $"/project/Source{index}.cs", System.Text.Encoding.UTF8));
            else if (source != before.Sources[index])
                compilation = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[index], CSharpSyntaxTree.ParseText(source, after.ParseOptions, $"/project/Source{index}.cs", System.Text.Encoding.UTF8));
        }

        for (var i = 0; i < after.Manifests.Length; i++)
        {
            if (!ReferenceEquals(before.Manifests[i], after.Manifests[i]))
                driver = driver.ReplaceAdditionalText(before.Manifests[i], after.Manifests[i]);
        }

        return driver.WithUpdatedAnalyzerConfigOptions(after.OptionsProvider).RunGenerators(compilation).GetRunResult().Results.Single();
    }

    private static IncrementalStepRunReason[] Reasons(GeneratorRunResult result, string step) =>
        [.. result.TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Reason)];

    private static IncrementalStepRunReason[] OutputReasons(GeneratorRunResult result) =>
        [.. result.TrackedOutputSteps.SelectMany(pair => pair.Value).SelectMany(run => run.Outputs).Select(output => output.Reason)];

    private static void ShouldKeep(GeneratorRunResult result, params string[] steps)
    {
        foreach (var step in steps)
            Reasons(result, step).ShouldAllBe(reason => reason == IncrementalStepRunReason.Cached || reason == IncrementalStepRunReason.Unchanged, step);
    }

    /// <summary>Follows every field: numbers, text, and our own values of them are all there may be.</summary>
    private static void ShouldBePlain(object? value, string step, HashSet<object> seen)
    {
        if (value is null or string || value.GetType() is { IsPrimitive: true } or { IsEnum: true } || (!value.GetType().IsValueType && !seen.Add(value)))
            return;
        (value is ISymbol or SyntaxNode or SyntaxTree or Microsoft.CodeAnalysis.Compilation or Location or AdditionalText or AnalyzerConfigOptions)
            .ShouldBeFalse($"{step} holds a {value.GetType()}, which keeps a compilation or a file alive.");
        if (value is IEnumerable items)
        {
            foreach (var item in items)
                ShouldBePlain(item, step, seen);
            return;
        }

        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                ShouldBePlain(field.GetValue(value), step, seen);
        }
    }
}
