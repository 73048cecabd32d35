namespace KernelForge.Build.Tests;

/// <summary>The ways in which projects are laid out and built.</summary>
public sealed class BuildKindTests(PackedPackage package) : PackageUserTests(package)
{
    [Fact]
    public void A_design_time_build_describes_and_packs_nothing()
    {
        using var project = TinyProject.Create(Package);
        project.DotNet("restore").ShouldSucceed();

        var result = project.DotNet(
            "msbuild", "-t:Compile", "-p:Configuration=Release", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true",
            "-getItem:CscCommandLineArgs").ShouldSucceed();

        result.Output.ShouldContain("Tiny.kfmanifest");
        result.Output.ShouldContain("KernelForge.Generator.dll");
        File.ReadAllText(project.Path("obj", "Release", "net10.0", "kernelforge", "Tiny.kfmanifest")).ShouldStartWith("kfmanifest");
        Directory.GetFiles(project.Root, "*.kfw", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void Projects_that_build_in_parallel_share_the_weights_of_a_library()
    {
        using var library = TinyProject.Create(
            Package, "net9.0;net10.0", TinyProject.Portable + "<OutputType>Library</OutputType>", folder: "library", program: "public static class Anchor;");
        var apps = new[] { "first", "second" };
        foreach (var app in apps)
        {
            library.Write($"../{app}/{app}.csproj", """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFrameworks>net9.0;net10.0</TargetFrameworks>
                  </PropertyGroup>
                  <ItemGroup><ProjectReference Include="../library/App.csproj" /></ItemGroup>
                </Project>
                """);
            library.Write($"../{app}/Program.cs", """using var model = Tiny.Load(); System.Console.WriteLine(model.WeightsPath);""");
            library.Write($"../{app}/nuget.config", Package.NuGetConfig);
        }

        library.Write("../all/all.proj", """
            <Project DefaultTargets="Build">
              <Target Name="Restore"><MSBuild Projects="../first/first.csproj;../second/second.csproj" Targets="Restore" Properties="Configuration=Release;Phase=Restore" /></Target>
              <Target Name="Build"><MSBuild Projects="../first/first.csproj;../second/second.csproj" Properties="Configuration=Release" BuildInParallel="true" /></Target>
            </Project>
            """);
        library.DotNet("msbuild", library.Path("..", "all", "all.proj"), "-t:Restore").ShouldSucceed();

        var output = library.DotNet("msbuild", library.Path("..", "all", "all.proj"), "-m:4").ShouldSucceed().Output;

        output.Split("Tiny: packed").Length.ShouldBe(2, output);
        foreach (var folder in apps.SelectMany(app => new[] { "net9.0", "net10.0" }, (app, framework) => library.Path("..", app, "bin", "Release", framework)))
            File.ReadAllBytes(Path.Combine(folder, "Tiny.kfw")).ShouldBe(File.ReadAllBytes(TinyProject.Packed(library)));
        var program = Path.GetFullPath(library.Path("..", "second", "bin", "Release", "net10.0", "second.dll"));
        Command.Run("dotnet", "/", program).ShouldSucceed().Output.ShouldContain(Path.ChangeExtension(program.Replace("second.dll", "Tiny.dll"), "kfw"));
    }

    [Theory]
    [InlineData("a folder")]
    [InlineData("$HOME & (100%) [x] {y} 'q' é,+=@~#!^")]
    public void A_folder_may_have_an_odd_name(string folder)
    {
        using var project = TinyProject.Create(Package, folder: folder);

        project.DotNet("run", "-c", "Release").ShouldSucceed().Output.ShouldContain("Tiny");

        File.Exists(project.Path("bin", "Release", "net10.0", "Tiny.kfw")).ShouldBeTrue();
    }

    [Fact]
    public void Outputs_may_lie_in_an_artifacts_folder()
    {
        using var project = TinyProject.Create(Package, "net9.0;net10.0");
        project.Write("Directory.Build.props", "<Project><PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput></PropertyGroup></Project>");

        project.DotNet("run", "-c", "Release", "-f", "net10.0").ShouldSucceed().Output.ShouldContain("Tiny");

        File.Exists(project.Path("artifacts", "bin", "App", "release_net10.0", "Tiny.kfw")).ShouldBeTrue();
        File.Exists(project.Path("artifacts", "obj", "App", "kernelforge", "Release", "Tiny.kfw")).ShouldBeTrue();
        Directory.Exists(project.Path("obj", "kernelforge")).ShouldBeFalse();
    }

    [Fact]
    public void A_packed_file_of_another_plan_is_refused_by_name()
    {
        using var project = TinyProject.Create(
            Package,
            items: TinyProject.Item + """<KernelForgeModel Include="other.gguf" Class="Acme.Other" />""",
            program: """
                using var other = Acme.Other.Load();
                using var tiny = Tiny.Load();
                Console.WriteLine(tiny.Description.ClassName + " and " + other.Description.ClassName);
                """);
        TinyProject.SaveModel(project, 9, "other.gguf");
        project.DotNet("run", "-c", "Release").ShouldSucceed().Output.ShouldContain("Tiny and Acme.Other");
        var bin = project.Path("bin", "Release", "net10.0");
        File.Copy(Path.Combine(bin, "Acme.Other.kfw"), Path.Combine(bin, "Tiny.kfw"), overwrite: true);

        var result = Command.Run("dotnet", project.Root, Path.Combine(bin, "App.dll"));

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("PackedFileException");
        result.Error.ShouldContain("Tiny.kfw");
    }
}
