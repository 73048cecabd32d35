using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Puts a barrier before a step that touches bytes which another worker may still be writing, or that writes bytes which another may still be
/// reading. A call begins with nothing pending, so every call but the last ends with a barrier.
/// </summary>
internal static class ScheduleBarriers
{
    public static Plan Run(Plan plan)
    {
        var kinds = plan.Kinds.Select((kind, i) => kind with { Steps = Schedule(plan, kind, i).ToEquatableArray() });
        return plan with { Kinds = kinds.ToEquatableArray() };
    }

    private static List<Step> Schedule(Plan plan, StepKind kind, int index)
    {
        var tensors = plan.Blocks[plan.Calls.First(call => call.Kind == index).Block].Tensors;
        var scheduled = new List<Step>();
        var pending = new List<StepAccess>();
        foreach (var step in kind.Steps)
        {
            var accesses = StepAccesses.Of(step, plan, tensors).ToList();
            if (accesses.Exists(access => pending.Exists(other => Hazards.Conflict(plan, access, other))))
            {
                scheduled.Add(new BarrierStep("Before" + step.Name));
                pending.Clear();
            }

            scheduled.Add(step);
            pending.AddRange(accesses);
        }

        var isLast = plan.Calls.Count(call => call.Kind == index) == 1 && plan.Calls[plan.Calls.Count - 1].Kind == index;
        if (!isLast && pending.Count > 0)
            scheduled.Add(new BarrierStep("End"));
        return scheduled;
    }
}
