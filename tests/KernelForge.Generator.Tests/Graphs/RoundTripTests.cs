using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Language;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Generator.Tests.Graphs;

/// <summary>What <c>kforge inspect --graph</c> prints is C# that says the same model: its plan has the same hash.</summary>
public class RoundTripTests
{
    /// <summary>Descriptions of one model of each kind, without its weights.</summary>
    public static TheoryData<string> Manifests =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Data", "manifests")).Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_is_printed_is_the_same_model(string name)
    {
        var manifest = ManifestText.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "manifests", name + ".kfmanifest"))).Manifest.ShouldNotBeNull();
        Harness.Snapshot.ShouldMatch(Check(manifest), name + ".cs");
    }

    [Fact]
    public void The_default_model_too() => Check(Describer.Describe(Repository.SmolLM2));

    [SkippableFact]
    [Trait("Category", "Long")]
    public void Every_model_of_the_reference_set_too()
    {
        var known = Architectures.ArchitectureRegistry.Names;
        var manifests = Directory.EnumerateDirectories(Repository.Golden("checkpoints")).Concat(Directory.EnumerateFiles(Repository.Golden("gguf"), "*.gguf"))
            .Concat(Directory.EnumerateFiles(Repository.Golden("gguf-quantized"), "*.gguf")).Order(StringComparer.Ordinal)
            .Select(Describer.Describe).Where(manifest => known.Contains(manifest.Architecture) && PlanCompiler.BuildGraph(manifest).Declaration is not null).ToList();
        manifests.Count.ShouldBeGreaterThan(44);
        foreach (var manifest in manifests)
            Check(manifest);
    }

    private static string Check(Manifest manifest)
    {
        var imported = PlanCompiler.BuildGraph(manifest);
        var text = DeclarationPrinter.Print(imported.Declaration.ShouldNotBeNull(manifest.Architecture), "Acme.Printed", manifest.Source.FileName);

        var declaration = DeclaredSource.Read(text);

        var built = PlanCompiler.BuildGraph(declaration, manifest);
        built.Problems.Where(problem => problem.IsError).ShouldBeEmpty(text);
        built.Graph.ShouldBe(imported.Graph, text);
        var (plan, expected) = (PlanCompiler.Compile(declaration, manifest, new PlanOptions()), PlanCompiler.Compile(manifest, new PlanOptions()));
        // Of some graphs kernels are not there yet; those are refused alike.
        (plan.Plan is null).ShouldBe(expected.Plan is null);
        if (plan.Plan is not null)
            PlanEncoding.Hash(plan.Plan).ShouldBe(PlanEncoding.Hash(expected.Plan!), text);
        return text;
    }
}
