using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Language;

namespace KernelForge.Build.Tests;

/// <summary>A user's project whose model is declared in C# (docs/graph-language.md).</summary>
public sealed class GraphDeclarationTests(PackedPackage package) : PackageUserTests(package)
{
    // All bits of the logits after a prompt, and how many layers made them.
    private const string Ask = """
        using var model = Tiny.Load();
        using var session = model.CreateSession();
        session.Prefill([1, 2, 3]);
        Console.WriteLine(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(session.Logits))));
        """;

    [Fact]
    public void A_declared_graph_builds_packs_and_answers_as_the_imported_model_does()
    {
        using var project = TinyProject.Create(Package, program: Ask);
        var imported = project.DotNet("run", "-c", "Release").ShouldSucceed().Output;
        var graph = PlanCompiler.BuildGraph(Describer.Describe(project.Path("tiny.gguf"))).Declaration!;

        project.Write("Tiny.cs", DeclarationPrinter.Print(graph, "Tiny", "the imported model"));
        project.DotNet("run", "-c", "Release").ShouldSucceed().Output.ShouldBe(imported);

        // Other logits, from the same weights.
        project.Write("Tiny.cs", DeclarationPrinter.Print(graph with { EmbeddingScale = 2 }, "Tiny", "changed"));
        project.DotNet("run", "-c", "Release").ShouldSucceed().Output.ShouldNotBe(imported);
    }

    [Fact]
    public void A_mistake_ends_the_build_at_its_word()
    {
        using var project = TinyProject.Create(Package, program: Ask);
        project.Write("Tiny.cs", "using KernelForge; using KernelForge.Modeling;\n[TransformerGraph] partial class Tiny\n{\n    static Graph Define() => Graph.Decoder(vocabulary: 0, width: 8, context: 8).TiedHead();\n}\n");

        var result = project.DotNet("build", "-c", "Release");

        result.ExitCode.ShouldNotBe(0);
        result.Output.ShouldContain("Tiny.cs(4,56): error KF4020");
    }
}
