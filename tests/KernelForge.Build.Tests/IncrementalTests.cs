using KernelForge.Formats.Packing;

namespace KernelForge.Build.Tests;

/// <summary>Builds do what is needed and nothing more.</summary>
public sealed class IncrementalTests(PackedPackage package) : PackageUserTests(package)
{
    [Fact]
    public void One_packed_file_serves_all_frameworks_until_it_is_cleaned()
    {
        using var project = TinyProject.Create(Package, "net9.0;net10.0");
        var packed = TinyProject.Packed(project);

        var first = project.DotNet("build", "-c", "Release", "-m").ShouldSucceed().Output;

        first.Split("Tiny: packed").Length.ShouldBe(2, first);
        foreach (var framework in new[] { "net9.0", "net10.0" })
            File.ReadAllBytes(project.Path("bin", "Release", framework, "Tiny.kfw")).ShouldBe(File.ReadAllBytes(packed));

        project.DotNet("clean", "-c", "Release").ShouldSucceed();
        Directory.GetFiles(project.Root, "*.kf*", SearchOption.AllDirectories).ShouldBeEmpty();
        Directory.GetFiles(project.Root, "pack.stamp*", SearchOption.AllDirectories).ShouldBeEmpty();

        project.DotNet("build", "-c", "Release").ShouldSucceed().Output.ShouldContain("Tiny: packed");
        project.DotNet("build", "-c", "Release", "--no-incremental").ShouldSucceed().Output.ShouldContain("Tiny: packed");
        File.Exists(project.Path("bin", "Release", "net9.0", "Tiny.kfw")).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_is_described_compiled_or_packed_again_without_need()
    {
        using var project = TinyProject.Create(Package);
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        string[] files = [TinyProject.Packed(project), Work(project, "pack.stamp"), Work(project, "Tiny.kfmanifest"), project.Path("obj", "Release", "net10.0", "App.dll")];
        var before = Times(files);

        project.DotNet("build", "-c", "Release").ShouldSucceed().Output.ShouldNotContain("packed");
        Times(files).ShouldBe(before);

        // Another assembly with the same plan: the packer runs, finds its work done, and leaves the file alone.
        project.Write("Other.cs", "internal static class Other { public const int Value = 1; }");
        project.DotNet("build", "-c", "Release").ShouldSucceed().Output.ShouldNotContain("packed");
        var after = Times(files);
        after[0].ShouldBe(before[0]);
        after[1].ShouldNotBe(before[1], "the packer did not look at the new assembly: this test would not see it pack");
        after[2].ShouldBe(before[2]);
        after[3].ShouldNotBe(before[3]);
    }

    [Fact]
    public void A_packed_file_that_is_gone_or_a_packer_that_changed_is_work_to_do()
    {
        using var project = TinyProject.Create(Package);
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        var content = File.ReadAllBytes(TinyProject.Packed(project));

        File.Delete(TinyProject.Packed(project));
        project.DotNet("build", "-c", "Release", "--no-restore").ShouldSucceed().Output.ShouldContain("Tiny: packed");
        File.ReadAllBytes(TinyProject.Packed(project)).ShouldBe(content);

        // A packer of another format version wrote it: its header is refused.
        File.WriteAllBytes(TinyProject.Packed(project), [.. content[..8], 99, .. content[9..]]);
        var tool = project.Path("tool");
        Directory.CreateDirectory(tool);
        foreach (var file in Directory.GetFiles(Package.ToolFolder))
            File.Copy(file, Path.Combine(tool, Path.GetFileName(file)));
        var property = $"-p:KernelForgeTool={Path.Combine(tool, "kforge-build.dll")}";
        project.DotNet("build", "-c", "Release", "--no-restore", property).ShouldSucceed();
        File.ReadAllBytes(TinyProject.Packed(project)).ShouldBe(content);

        var stamp = File.GetLastWriteTimeUtc(Work(project, "pack.stamp"));
        File.SetLastWriteTimeUtc(Path.Combine(tool, "KernelForge.Formats.dll"), DateTime.UtcNow);
        project.DotNet("build", "-c", "Release", "--no-restore", property).ShouldSucceed();
        File.GetLastWriteTimeUtc(Work(project, "pack.stamp")).ShouldBeGreaterThan(stamp, "the packer's other assemblies are inputs too");
    }

    [Fact]
    public void Another_model_under_the_same_name_is_described_and_packed_anew()
    {
        using var project = TinyProject.Create(Package);
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        var before = PackedFileVerifier.Verify(TinyProject.Packed(project)).Single().PlanHash;

        TinyProject.SaveModel(project, 8);
        project.DotNet("run", "-c", "Release").ShouldSucceed().Output.ShouldContain("Tiny");

        PackedFileVerifier.Verify(TinyProject.Packed(project)).Single().PlanHash.ShouldNotBe(before);
    }

    [Fact]
    public void A_folder_is_a_model_and_each_of_its_files_counts()
    {
        using var project = TinyProject.Create(Package, items: """<KernelForgeModel Include="tiny/" Class="Tiny" />""");
        TinyProject.SaveFolder(project, "tiny");
        project.DotNet("build", "-c", "Release").ShouldSucceed().Output.ShouldContain("Tiny: packed");
        var generated = File.GetLastWriteTimeUtc(Work(project, "Tiny.kfmanifest"));
        project.DotNet("build", "-c", "Release", "--no-restore").ShouldSucceed().Output.ShouldNotContain("packed");
        File.GetLastWriteTimeUtc(Work(project, "Tiny.kfmanifest")).ShouldBe(generated);

        project.Write("tiny/chat_template.jinja", "{{ messages[0].content }}");
        project.Write("Program.cs", """
            using System.Reflection;
            using var model = Tiny.Load();
            Console.WriteLine("rendered by " + typeof(Tiny).GetMethod("RenderChat", BindingFlags.Instance | BindingFlags.NonPublic)!.DeclaringType!.Name);
            """);
        project.DotNet("build", "-c", "Release", "--no-restore").ShouldSucceed().Output.ShouldContain("Tiny: packed");
        project.DotNet("run", "-c", "Release", "--no-build").ShouldSucceed().Output.ShouldContain("rendered by Tiny");
    }

    private static string Work(ScratchProject project, string name) => project.Path("obj", "Release", "net10.0", "kernelforge", name);

    private static DateTime[] Times(string[] files) => [.. files.Select(file => File.Exists(file) ? File.GetLastWriteTimeUtc(file) : throw new FileNotFoundException(file))];
}
