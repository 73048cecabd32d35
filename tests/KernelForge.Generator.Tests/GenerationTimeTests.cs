using System.Diagnostics;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Manifests;
using Xunit.Abstractions;

namespace KernelForge.Generator.Tests;

/// <summary>How long a cold generation takes, in a process of its own: the first one of the test run would share what other tests have compiled.</summary>
public class GenerationTimeTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("SmolLM2")]
    [InlineData("Large")]
    public void A_cold_generation_takes_at_most_a_second_and_a_half(string model)
    {
        var manifest = Path.GetTempFileName();
        try
        {
            File.WriteAllText(manifest, ManifestText.Write(model == "Large" ? TestModels.Large : TestModels.SmolLM2));
            var times = Enumerable.Range(0, 3).Select(_ => RunCold(manifest)).OrderBy(time => time.Wall).ToArray();
            output.WriteLine($"{model}: {string.Join(", ", times.Select(time => $"{time.Wall:F0} ms ({time.Processor:F0} ms of processor time)"))}");
            Skip.If(times[0].Processor < 0.9 * times[0].Wall, "The machine is busy with other work: the generation got less than one core, so its time says nothing.");
            times[0].Wall.ShouldBeLessThan(1500);
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
