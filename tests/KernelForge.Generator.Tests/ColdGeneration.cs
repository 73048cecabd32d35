using System.Diagnostics;
using System.Globalization;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Tests.Harness;

namespace KernelForge.Generator.Tests;

/// <summary>What the child processes of <see cref="GenerationTimeTests"/> run: one generation from a manifest file, all instruction sets; prints its milliseconds.</summary>
internal static class ColdGeneration
{
    private static int Main(string[] arguments)
    {
        var project = new TestProject().Add(File.ReadAllText(arguments[0]), "Model").WithProperty(BuildKeys.InstructionSets, string.Empty);
        var compilation = project.Compile();
        var start = Stopwatch.GetTimestamp();
        var result = project.Driver().RunGenerators(compilation).GetRunResult();
        var time = Stopwatch.GetElapsedTime(start);
        Console.Write(time.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        return result.Diagnostics.IsEmpty && result.GeneratedTrees.Length >= 7 ? 0 : 1;
    }
}
