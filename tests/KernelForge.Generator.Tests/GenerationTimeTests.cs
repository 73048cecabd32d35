using System.Diagnostics;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Manifests;
using Xunit.Abstractions;

namespace KernelForge.Generator.Tests;

/// <summary>How long a cold generation takes, in a process of its own: the first one of the test run would share what other tests have compiled.</summary>
public class GenerationTimeTests(ITestOutputHelper output)
{
    [Theory]
    [Trait("Category", "Long")]
    [InlineData("SmolLM2")]
    [InlineData("Large")]
    public void A_cold_generation_takes_at_most_a_second_and_a_half(string model)
    {
        var manifest = Path.GetTempFileName();
        try
        {
            File.WriteAllText(manifest, ManifestText.Write(model == "Large" ? TestModels.Large : TestModels.SmolLM2));
            var times = Enumerable.Range(0, 3).Select(_ => RunCold(manifest)).Order().ToArray();
            output.WriteLine($"{model}: {string.Join(", ", times.Select(time => $"{time:F0} ms"))}");
            times[0].ShouldBeLessThan(1500);
        }
        finally
        {
            File.Delete(manifest);
        }
    }

    /// <summary>Milliseconds from the start of the generator to its last file, as the child measured them.</summary>
    private static double RunCold(string manifest)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ColdGeneration).Assembly.Location, manifest]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, text);
        return double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }
}
