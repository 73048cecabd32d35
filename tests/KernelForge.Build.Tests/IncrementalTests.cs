using KernelForge.Reference.RandomModels;

namespace KernelForge.Build.Tests;

/// <summary>Builds do what is needed and nothing more.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Category", "Long")]
public sealed class IncrementalTests(PackedPackage package)
{
    private const string Program = """
        using var model = Tiny.Load();
        Console.WriteLine(model.Description.ClassName);
        """;

    private const string Item = """<KernelForgeModel Include="tiny.gguf" Class="Tiny" />""";

    [Fact]
    public void Nothing_is_packed_again_without_need_and_one_packed_file_serves_all_frameworks()
    {
        using var project = Create("net9.0;net10.0");
        project.DotNet("build", "-c", "Release").ShouldSucceed().Output.ShouldContain("packed");
        var packed = project.Path("obj", "kernelforge", "Release", "Tiny.kfw");
        var written = File.GetLastWriteTimeUtc(packed);
        File.Exists(project.Path("bin", "Release", "net9.0", "Tiny.kfw")).ShouldBeTrue();
        File.Exists(project.Path("bin", "Release", "net10.0", "Tiny.kfw")).ShouldBeTrue();

        project.DotNet("build", "-c", "Release").ShouldSucceed();
        project.Write("Other.cs", "internal static class Other { public const int Value = 1; }");
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        File.GetLastWriteTimeUtc(packed).ShouldBe(written);

        project.DotNet("clean", "-c", "Release").ShouldSucceed();
        File.Exists(packed).ShouldBeFalse();
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        File.Exists(packed).ShouldBeTrue();
    }

    [Fact]
    public void Another_model_under_the_same_name_is_described_and_packed_anew()
    {
        using var project = Create("net10.0");
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        var before = File.ReadAllBytes(project.Path("obj", "kernelforge", "Release", "Tiny.kfw"));

        RandomModel.Create(8).Save(project.Root, "tiny.gguf");
        project.DotNet("run", "-c", "Release").ShouldSucceed().Output.ShouldContain("Tiny");

        File.ReadAllBytes(project.Path("obj", "kernelforge", "Release", "Tiny.kfw")).ShouldNotBe(before);
    }

    [Fact]
    public void A_missing_model_is_an_error_that_names_the_file()
    {
        using var project = Create("net10.0");
        File.Delete(project.Path("tiny.gguf"));

        var result = project.DotNet("build", "-c", "Release");

        result.ExitCode.ShouldNotBe(0);
        result.Output.ShouldContain("KF1001");
        result.Output.ShouldContain("tiny.gguf");
        File.Exists(project.Path("obj", "kernelforge", "Release", "Tiny.kfw")).ShouldBeFalse();
    }

    [Fact]
    public void A_packed_file_of_another_plan_is_refused_by_name()
    {
        using var project = Create("net10.0");
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        using var other = Create("net10.0", seed: 9);
        other.DotNet("build", "-c", "Release").ShouldSucceed();
        File.Copy(other.Path("obj", "kernelforge", "Release", "Tiny.kfw"), project.Path("bin", "Release", "net10.0", "Tiny.kfw"), overwrite: true);

        var result = Command.Run("dotnet", project.Root, project.Path("bin", "Release", "net10.0", "App.dll"));

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("PackedFileException");
        result.Error.ShouldContain("Tiny.kfw");
    }

    private ScratchProject Create(string frameworks, int seed = 7)
    {
        var project = new ScratchProject(package, Item, Program, frameworks, "<WarningsNotAsErrors>KF1031</WarningsNotAsErrors>"); // random models mix types
        RandomModel.Create(seed).Save(project.Root, "tiny.gguf");
        return project;
    }
}
