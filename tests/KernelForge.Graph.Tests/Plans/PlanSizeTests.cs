using KernelForge.Compilation;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Plans;

/// <summary>A plan does not grow with its model, so that planning and generating do not either.</summary>
public sealed class PlanSizeTests
{
    [Fact]
    public void Three_billion_weights_have_as_many_steps_as_a_hundred_million()
    {
        static int Steps(LlamaManifest manifest) => PlanCompiler.Compile(manifest.Build(), new()).Plan!.Kinds.Sum(kind => kind.Steps.Count);
        Steps(LlamaManifest.ThreeBillion).ShouldBeLessThanOrEqualTo(Steps(LlamaManifest.SmolLM2));
    }
}
