using KernelForge.Reference.RandomModels;

namespace KernelForge.Build.Tests;

/// <summary>A scratch project with a model of a few kilobytes, for the tests that are about building.</summary>
internal static class TinyProject
{
    public const string Item = """<KernelForgeModel Include="tiny.gguf" Class="Tiny" />""";

    /// <summary>One instruction set that every machine has: a fifth of the code to compile.</summary>
    public const string Portable = "<KernelForgeInstructionSets>Portable</KernelForgeInstructionSets>";

    private const string Program = """
        using var model = Tiny.Load();
        Console.WriteLine(model.Description.ClassName);
        """;

    public static ScratchProject Create(
        PackedPackage package, string frameworks = "net10.0", string extra = Portable, string folder = "app", string items = Item, string program = Program)
    {
        var project = new ScratchProject(package, items, program, frameworks, extra, folder);
        SaveModel(project, 7);
        return project;
    }

    public static void SaveModel(ScratchProject project, int seed, string name = "tiny.gguf") => RandomModel.Create(seed).Save(project.Root, name);

    /// <summary>Where the packed weights of all frameworks are.</summary>
    public static string Packed(ScratchProject project) => project.Path("obj", "kernelforge", "Release", "Tiny.kfw");
}
