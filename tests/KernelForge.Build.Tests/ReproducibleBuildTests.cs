using System.IO.Compression;

namespace KernelForge.Build.Tests;

/// <summary>The same sources give the same package, byte for byte, in another folder too; and it says what it was made of.</summary>
public sealed class ReproducibleBuildTests(PackedPackage package) : PackageUserTests(package)
{
    [SkippableFact]
    public void Another_folder_gives_the_same_package()
    {
        Skip.IfNot(Path.Exists(Repository.At(".git")), "These sources are not in a git repository, from which the copy would be made.");
        using var scratch = new ScratchFolder();
        var copy = scratch["another folder/sources"];
        Git("clone", "--quiet", "--no-hardlinks", Repository.Root, copy);
        foreach (var file in Git("ls-files", "--modified", "--others", "--exclude-standard").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Repository.At(file))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            File.Copy(Repository.At(file), Path.Combine(copy, file), overwrite: true);
        }

        Command.Run("dotnet", copy, "pack", "src/KernelForge.Build", "-c", "Release", "-o", scratch["feed"], $"-p:PackageVersion={Package.Version}", "-p:RunAnalyzers=false").ShouldSucceed();

        var name = $"KernelForge.{Package.Version}.nupkg";
        using var first = ZipFile.OpenRead(Path.Combine(Package.Feed, name));
        using var second = ZipFile.OpenRead(Path.Combine(scratch["feed"], name));
        second.Entries.Select(entry => (entry.FullName, entry.Crc32)).ShouldBe(first.Entries.Select(entry => (entry.FullName, entry.Crc32)));
        File.ReadAllBytes(Path.Combine(scratch["feed"], name)).ShouldBe(File.ReadAllBytes(Path.Combine(Package.Feed, name)));

        using var bill = System.Text.Json.JsonDocument.Parse(first.GetEntry("sbom.cdx.json").ShouldNotBeNull().Open());
        bill.RootElement.GetProperty("bomFormat").GetString().ShouldBe("CycloneDX");
        bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("purl").GetString().ShouldBe($"pkg:nuget/KernelForge@{Package.Version}");
        var parts = bill.RootElement.GetProperty("components").EnumerateArray().ToDictionary(part => part.GetProperty("purl").GetString()!, part => part.GetProperty("scope").GetString());
        parts.Keys.ShouldContain(part => part.StartsWith("pkg:nuget/Microsoft.CodeAnalysis.CSharp@", StringComparison.Ordinal));
        parts.Values.ShouldAllBe(scope => scope == "excluded", "the package holds nobody else's code");
    }

    private static CommandResult Git(params string[] arguments) => Command.Run("git", Repository.Root, arguments).ShouldSucceed();
}
