using System.Diagnostics;
using System.Globalization;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Tests.Harness;

namespace KernelForge.Generator.Tests;

/// <summary>What the child processes of <see cref="GenerationTimeTests"/> run: one generation from a manifest file, all instruction sets; prints its milliseconds and those of processor time.</summary>
internal static class ColdGeneration
{
    private static int Main(string[] arguments)
    {
        var project = new TestProject().Add(File.ReadAllText(arguments[0]), "Model").WithProperty(BuildKeys.InstructionSets, string.Empty);
        var compilation = project.Compile();
        var used = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        var result = project.Driver().RunGenerators(compilation).GetRunResult();
        var time = Stopwatch.GetElapsedTime(start);
        var processor = Environment.CpuUsage.TotalTime - used;
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds} {processor.TotalMilliseconds}"));
        return result.Diagnostics.IsEmpty && result.GeneratedTrees.Length >= 7 ? 0 : 1;
    }
}
