using KernelForge.Compilation;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Plans;

/// <summary>Runs alone: it counts the processor time of the whole process, which other processes do not disturb as they do a clock.</summary>
[CollectionDefinition(nameof(PlanSpeedTests), DisableParallelization = true)]
[Collection(nameof(PlanSpeedTests))]
public sealed class PlanSpeedTests
{
    [Fact]
    public void Three_billion_weights_are_planned_in_milliseconds()
    {
        const int Runs = 5;
        var manifest = LlamaManifest.ThreeBillion.Build();
        double Milliseconds()
        {
            var before = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < Runs; i++)
                PlanEncoding.Hash(PlanCompiler.Compile(manifest, new()).Plan!);
            return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Runs;
        }

        Enumerable.Range(0, 10).Min(_ => Milliseconds()).ShouldBeLessThan(50);
    }
}
