using System.Diagnostics;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Manifests;
using Xunit.Abstractions;

namespace KernelForge.Generator.Tests;

/// <summary>How long a cold generation takes, in a process of its own: the first one of the test run would share what other tests have compiled.</summary>
public class GenerationTimeTests(ITestOutputHelper output)
{
    /// <summary>Equal layers share code. The times themselves are printed, not asserted: they are the machine's.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public void A_larger_model_takes_no_longer_to_generate()
    {
        var small = Best("SmolLM2", TestModels.SmolLM2);
        var large = Best("3B", TestModels.Large);
        large.ShouldBeLessThan(1.5 * small);
    }

    /// <summary>Least processor time of three cold generations, in milliseconds.</summary>
    private double Best(string name, Manifest model)
    {
        var manifest = Path.GetTempFileName();
        try
        {
            File.WriteAllText(manifest, ManifestText.Write(model));
            var times = Enumerable.Range(0, 3).Select(_ => RunCold(manifest)).ToArray();
            output.WriteLine($"{name}: {string.Join(", ", times.Select(time => $"{time.Wall:F0} ms ({time.Processor:F0} ms of processor time)"))}");
            return times.Min(time => time.Processor);
        }
        finally
        {
            File.Delete(manifest);
        }
    }

    /// <summary>Milliseconds from the start of the generator to its last file, as the child measured them.</summary>
    private static (double Wall, double Processor) RunCold(string manifest)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ColdGeneration).Assembly.Location, manifest]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, text);
        var times = text.Split(' ').Select(time => double.Parse(time, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return (times[0], times[1]);
    }
}
