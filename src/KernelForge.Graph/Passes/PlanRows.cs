using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Every step works on as many rows as those before it have left: the caller gives several for each row of the pass, windows leave some out, and all that follows has one.</summary>
internal static class PlanRows
{
    public static IEnumerable<string> Problems(Plan plan) => plan.Kinds.SelectMany(kind => OfKind(plan, kind));

    private static IEnumerable<string> OfKind(Plan plan, StepKind kind)
    {
        var rows = 1;
        foreach (var step in kind.Steps)
        {
            // Rows of experts are sorted anew, and a step says itself how many there are.
            if (step is GatherStep or ExpertMatMulStep or CombineStep)
                continue;
            if (step is InputStep input)
                rows = plan.Buffers[input.Output].Rows;
            if (step is WindowStep window)
            {
                if (plan.Buffers[window.Input].Rows != rows || plan.Buffers[window.Output].Rows * window.Stride != rows)
                    yield return $"step '{step.Name}' makes other rows of a pass than its windows";
                rows = plan.Buffers[window.Output].Rows;
            }
            else if (StepAccesses.Buffers(step).Any(buffer => plan.Buffers[buffer].Rows != rows))
            {
                yield return $"step '{step.Name}' works on other rows than those before it have left";
            }
        }

        if (rows != 1)
            yield return $"the kind '{kind.Name}' leaves {rows} rows for each of the pass";
    }
}
