using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Plans;

/// <summary>An independent look at memory: what is written and later read must not share bytes with what is written between.</summary>
internal static class LiveBuffers
{
    public static List<string> Overlaps(Plan plan)
    {
        var steps = plan.Calls.SelectMany(call => plan.Kinds[call.Kind].Steps.Select(step => (Step: step, plan.Blocks[call.Block].Tensors))).ToList();
        var overlaps = new List<string>();
        for (var i = 0; i < steps.Count; i++)
        {
            foreach (var read in Accesses(plan, steps[i]).Where(access => !access.IsWrite))
            {
                for (var j = i; j >= 0; j--)
                {
                    var writes = Accesses(plan, steps[j]).Where(access => access.IsWrite).Select(access => access.Buffer).ToList();
                    if (j < i && writes.Contains(read.Buffer))
                        break;
                    overlaps.AddRange(writes.Where(write => write != read.Buffer && Meet(plan.Buffers[write], plan.Buffers[read.Buffer]))
                        .Select(write => $"{plan.Buffers[write].Name} over {plan.Buffers[read.Buffer].Name} in step {j}"));
                }
            }
        }

        return overlaps;
    }

    private static IEnumerable<StepAccess> Accesses(Plan plan, (Step Step, EquatableArray<PackedTensor> Tensors) step) =>
        StepAccesses.Of(step.Step, plan, step.Tensors).Where(access => access.Buffer >= 0);

    private static bool Meet(ActivationBuffer a, ActivationBuffer b) =>
        Enumerable.Range(a.OffsetPerToken / 64, a.BytesPerToken / 64).Intersect(Enumerable.Range(b.OffsetPerToken / 64, b.BytesPerToken / 64)).Any();
}
