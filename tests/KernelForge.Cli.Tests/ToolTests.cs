using System.Text.Json;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Cli.Tests;

/// <summary>kforge as a .NET tool: packed, installed from a folder into a folder, and used from there.</summary>
[Trait("Category", "Long")]
public sealed class ToolTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_packed_installed_and_runs_a_model()
    {
        // Only the folder is a source: the package must bring everything.
        File.WriteAllText(_folder["nuget.config"], """<configuration><packageSources><clear /><add key="local" value="feed" /></packageSources></configuration>""");
        Run("dotnet", "pack", Repository.At("src/KernelForge.Cli"), "-c", "Release", "-o", _folder["feed"], "-p:PackageVersion=0.1.0-test");
        Run("dotnet", "tool", "install", "KernelForge.Tool", "--version", "0.1.0-test", "--tool-path", _folder["tool"], "--configfile", _folder["nuget.config"]);
        var model = RandomModel.Create(21).Save(_folder.Root);

        Run(_folder["tool/kforge"], "inspect", model).ShouldContain("llama.block_count");
        using var answer = JsonDocument.Parse(Run(_folder["tool/kforge"], "generate", model, "--ids", "1,2", "--max-tokens", "3", "--json"));
        answer.RootElement.GetProperty("ids").GetArrayLength().ShouldBe(3);
    }

    private string Run(string program, params string[] arguments) =>
        Command.Run(program, _folder.Root, new Dictionary<string, string>(StringComparer.Ordinal) { ["KFORGE_CACHE"] = _folder["cache"] }, arguments).ShouldSucceed().Output;
}
