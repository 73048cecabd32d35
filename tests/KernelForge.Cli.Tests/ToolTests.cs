using System.Diagnostics;
using System.Text.Json;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Cli.Tests;

/// <summary>kforge as a .NET tool: packed, installed from a folder into a folder, and used from there.</summary>
[Trait("Category", "Long")]
public sealed class ToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kforge-tool-").FullName;

    private string this[string name] => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_packed_installed_and_runs_a_model()
    {
        // Only the folder is a source: the package must bring everything.
        File.WriteAllText(this["nuget.config"], """<configuration><packageSources><clear /><add key="local" value="feed" /></packageSources></configuration>""");
        Run("dotnet", "pack", Path.Combine(Repository.Root, "src", "KernelForge.Cli"), "-c", "Release", "-o", this["feed"], "-p:PackageVersion=0.1.0-test");
        Run("dotnet", "tool", "install", "KernelForge.Tool", "--version", "0.1.0-test", "--tool-path", this["tool"], "--configfile", this["nuget.config"]);
        var model = RandomModel.Create(21).Save(_folder);

        Run(this["tool/kforge"], "inspect", model).ShouldContain("llama.block_count");
        using var answer = JsonDocument.Parse(Run(this["tool/kforge"], "generate", model, "--ids", "1,2", "--max-tokens", "3", "--json"));
        answer.RootElement.GetProperty("ids").GetArrayLength().ShouldBe(3);
    }

    private string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A test host hands variables down that would bind the child to its own SDK and build.
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) && key != "MSBUILDDISABLENODEREUSE").ToList())
            start.Environment.Remove(name);
        start.Environment["KFORGE_CACHE"] = this["cache"];
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, output + error.GetAwaiter().GetResult());
        return output;
    }
}
