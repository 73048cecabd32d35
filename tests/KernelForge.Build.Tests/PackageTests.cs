namespace KernelForge.Build.Tests;

/// <summary>What the README promises to somebody who embeds a model of his own.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Category", "Long")]
public sealed class PackageTests(PackedPackage package)
{
    private const string AskForParis = """
        using var model = Acme.SmolLM2.Load();
        await foreach (var text in model.ChatAsync("What is the capital of France?"))
            Console.Write(text);

        namespace Acme
        {
            public partial class SmolLM2
            {
                public static string Greeting => "a user's own member";
            }
        }
        """;

    private static string SmolLM2Item => $"""<KernelForgeModel Include="{PackedPackage.SmolLM2}" Class="Acme.SmolLM2" />""";

    [Fact]
    public void A_model_embedded_from_the_package_answers()
    {
        using var project = new ScratchProject(package, SmolLM2Item, AskForParis);

        var result = project.DotNet("run", "-c", "Release").ShouldSucceed();

        result.Output.ShouldContain("Paris");
        File.Exists(project.Path("bin", "Release", "net10.0", "Acme.SmolLM2.kfw")).ShouldBeTrue();
    }

    [SkippableFact]
    public void A_published_executable_carries_its_weights_wherever_it_goes()
    {
        NativeLinker.Require();
        // net9.0: some feeds lack the NativeAOT runtime pack of net10.0.
        using var project = new ScratchProject(package, SmolLM2Item, AskForParis, "net9.0", "<PublishAot>true</PublishAot>");
        project.DotNet("publish", "-c", "Release").ShouldSucceed();
        var published = Directory.GetFiles(project.Path("bin", "Release", "net9.0"), "App", SearchOption.AllDirectories).Single(path => path.Contains("publish"));
        var length = new FileInfo(published).Length;

        project.DotNet("publish", "-c", "Release").ShouldSucceed();

        new FileInfo(published).Length.ShouldBe(length, "publishing twice appends once");
        Directory.GetFiles(Path.GetDirectoryName(published)!, "*.kfw").ShouldBeEmpty();

        var elsewhere = Directory.CreateDirectory(project.Path("elsewhere")).FullName;
        var moved = Path.Combine(elsewhere, "moved");
        File.Copy(published, moved);
        File.SetUnixFileMode(moved, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Command.Run(moved, "/").ShouldSucceed().Output.ShouldContain("Paris");

        var link = project.Path("link");
        File.CreateSymbolicLink(link, moved);
        Command.Run(link, project.Root).ShouldSucceed().Output.ShouldContain("Paris");

        var fromPath = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = elsewhere + ":" + Environment.GetEnvironmentVariable("PATH") };
        Command.Run("/bin/sh", project.Root, fromPath, "-c", "moved").ShouldSucceed().Output.ShouldContain("Paris");
    }
}
