using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Runs a plan on the names of its buffers: what a step reads must be what was last written there.</summary>
internal static class PlanMemory
{
    public static IEnumerable<string> Problems(Plan plan)
    {
        foreach (var buffer in plan.Buffers.Where(buffer => buffer.OffsetPerToken < 0 || buffer.OffsetPerToken % 64 != 0))
            yield return $"buffer '{buffer.Name}' is not on a cache line";

        var holds = new bool[plan.Buffers.Count];
        foreach (var call in plan.Calls)
        {
            foreach (var step in plan.Kinds[call.Kind].Steps)
            {
                var accesses = StepAccesses.Of(step, plan, plan.Blocks[call.Block].Tensors).Where(access => access.Buffer >= 0).ToList();
                foreach (var access in accesses.Where(access => !access.IsWrite && !holds[access.Buffer]))
                    yield return $"step '{step.Name}' of call {plan.Calls.ToList().IndexOf(call)} reads the buffer '{plan.Buffers[access.Buffer].Name}', which was overwritten or never written";
                foreach (var access in accesses.Where(access => access.IsWrite))
                {
                    if (accesses.Exists(other => !other.IsWrite && other.Buffer != access.Buffer && Meet(plan, other.Buffer, access.Buffer)))
                        yield return $"step '{step.Name}' writes where it reads";
                    for (var other = 0; other < holds.Length; other++)
                        holds[other] = other == access.Buffer || (holds[other] && !Meet(plan, other, access.Buffer));
                }
            }
        }
    }

    private static bool Meet(Plan plan, int a, int b) => Hazards.Overlap(plan.Buffers[a], plan.Buffers[b]);
}
