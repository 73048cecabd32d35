using KernelForge.Compilation;
using KernelForge.Passes;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests;

public sealed class PlanCompilerTests
{
    [Fact]
    public void SmolLM2_has_the_reviewed_plan()
    {
        var plan = Compile(LlamaManifest.SmolLM2);
        Snapshot.Match("SmolLM2.plan.txt", PlanPrinter.Print(plan));
    }

    private static Plan Compile(LlamaManifest model, PlanOptions? options = null)
    {
        var result = PlanCompiler.Compile(model.Build(), options ?? new PlanOptions());
        result.Problems.ShouldBeEmpty();
        PlanVerifier.Problems(result.Plan!, PlanStage.Finished).ShouldBeEmpty();
        return result.Plan!;
    }
}
