namespace KernelForge.Build.Tests;

/// <summary>What a user sees in the build log when something is wrong: the code, the place, the cure.</summary>
public sealed class BuildErrorTests(PackedPackage package) : PackageUserTests(package)
{
    [Fact]
    public void A_missing_model_names_the_file()
    {
        using var project = TinyProject.Create(Package);
        File.Delete(project.Path("tiny.gguf"));

        Fails(project, "KF1001", "tiny.gguf", "build", "-c", "Release");
    }

    [Theory]
    [InlineData("../../Tiny")]
    [InlineData("a/b")]
    [InlineData("Ti'ny$(X)")]
    public void A_class_that_is_a_path_names_no_file(string name)
    {
        using var project = TinyProject.Create(Package, items: $"""<KernelForgeModel Include="tiny.gguf" Class="{name}" />""", program: "return 0;");

        Fails(project, "KF0003", name.Replace("$(X)", "", StringComparison.Ordinal), "build", "-c", "Release");

        Directory.GetFiles(Path.GetDirectoryName(project.Root)!, "*.kf*", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["not-a-class.kfmanifest", "not-a-class.kfmanifest.rsp"]);
    }

    [Fact]
    public void A_model_that_changes_while_it_is_built_is_refused()
    {
        using var project = TinyProject.Create(Package);
        TinyProject.SaveModel(project, 8, "other.gguf");
        project.Write("Directory.Build.targets", """
            <Project>
              <Target Name="ChangeTheModel" AfterTargets="CoreCompile" BeforeTargets="KernelForgePack">
                <Copy SourceFiles="other.gguf" DestinationFiles="tiny.gguf" />
              </Target>
            </Project>
            """);

        Fails(project, "KF1004", "tiny.gguf", "build", "-c", "Release");
    }

    [Fact]
    public void An_assembly_without_the_plan_of_a_model_is_refused()
    {
        using var project = TinyProject.Create(Package, program: "return 0;");
        project.Write("Directory.Build.targets", """
            <Project>
              <Target Name="LoseTheGenerator" BeforeTargets="CoreCompile">
                <ItemGroup><Analyzer Remove="@(Analyzer)" /></ItemGroup>
              </Target>
            </Project>
            """);

        Fails(project, "KF3002", "no plan of Tiny", "build", "-c", "Release");
    }

    [Fact]
    public void An_old_framework_is_refused_in_one_sentence()
    {
        using var project = TinyProject.Create(Package, "net8.0");

        Fails(project, "KF3003", "net8.0", "build", "-c", "Release");
    }

    [Theory]
    [InlineData("-p:KernelForgeTarget=x64-v2", "x64-v2")]
    [InlineData("-p:IlcInstructionSet=sse4.2", "sse4.2")]
    public void A_native_executable_without_vector_code_is_refused(string option, string named)
    {
        using var project = TinyProject.Create(Package, "net9.0", TinyProject.Portable + "<PublishAot>true</PublishAot>");

        Fails(project, "KF0007", named, "build", "-c", "Release", "-r", "linux-x64", option);
    }

    // The linker is looked for before anything is compiled natively, so this needs neither a linker nor minutes.
    [SkippableFact]
    public void A_missing_linker_says_what_to_install()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The linker is looked for on the PATH only on Linux.");
        using var project = TinyProject.Create(Package, "net9.0", TinyProject.Portable + "<PublishAot>true</PublishAot>");
        // A PATH with what builds need, and no compiler.
        var path = Directory.CreateDirectory(project.Path("path")).FullName;
        foreach (var program in new[] { "dotnet", "sh" })
            File.CreateSymbolicLink(Path.Combine(path, program), FindOnPath(program));

        var result = project.DotNet(new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = path }, "publish", "-c", "Release");

        result.ExitCode.ShouldNotBe(0);
        result.Output.ShouldContain("error KF3001: ", customMessage: result.All);
        result.Output.ShouldContain("apt-get install clang zlib1g-dev");
    }

    private static string FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).First(File.Exists);

    private static void Fails(ScratchProject project, string code, string named, params string[] arguments)
    {
        var result = project.DotNet(arguments);
        result.ExitCode.ShouldNotBe(0);
        result.Output.Split('\n').ShouldContain(line => line.Contains($"error {code}: ") && line.Contains(named), result.All);
        Directory.GetFiles(Path.GetDirectoryName(project.Root)!, "*.kfw*", SearchOption.AllDirectories).ShouldBeEmpty();
    }
}
