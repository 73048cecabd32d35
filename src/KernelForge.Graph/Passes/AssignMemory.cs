using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Gives every buffer a place in the workspace. Two buffers share bytes only if no step lies between the first write and the last read of both.
/// The largest is placed first, each at the lowest offset where it meets nothing it lives with.
/// </summary>
internal static class AssignMemory
{
    public static Plan Run(Plan plan)
    {
        var lives = Lives(plan);
        var placed = new List<int>();
        var offsets = new int[plan.Buffers.Count];
        foreach (var buffer in Enumerable.Range(0, plan.Buffers.Count).OrderByDescending(b => plan.Buffers[b].BytesPerToken).ThenBy(b => b))
        {
            offsets[buffer] = LowestOffset(plan, buffer, placed.Where(other => Meet(lives[buffer], lives[other])), offsets);
            placed.Add(buffer);
        }

        return plan with { Buffers = plan.Buffers.Select((buffer, i) => buffer with { OffsetPerToken = offsets[i] }).ToEquatableArray() };
    }

    private static int LowestOffset(Plan plan, int buffer, IEnumerable<int> neighbours, int[] offsets)
    {
        var offset = 0;
        foreach (var other in neighbours.OrderBy(other => offsets[other]).ThenBy(other => other))
        {
            if (offsets[other] >= offset + plan.Buffers[buffer].BytesPerToken)
                break;
            offset = Math.Max(offset, offsets[other] + plan.Buffers[other].BytesPerToken);
        }

        return offset;
    }

    /// <summary>Spans of steps, counted through all calls, during which each buffer holds something that is still read.</summary>
    private static List<(int From, int To)>[] Lives(Plan plan)
    {
        var lives = plan.Buffers.Select(_ => new List<(int From, int To)>()).ToArray();
        var time = 0;
        foreach (var call in plan.Calls)
        {
            var tensors = plan.Blocks[call.Block].Tensors;
            foreach (var step in plan.Kinds[call.Kind].Steps)
            {
                // What a step reads still lives while it writes, so reads come first.
                foreach (var access in StepAccesses.Of(step, plan, tensors).Where(access => access.Buffer >= 0).OrderBy(access => access.IsWrite))
                    Touch(lives[access.Buffer], access, plan.Buffers[access.Buffer], time);
                time++;
            }
        }

        return lives;
    }

    private static void Touch(List<(int From, int To)> spans, StepAccess access, ActivationBuffer buffer, int time)
    {
        // A write of whole rows begins a new life; a read or a write of some columns prolongs the present one.
        var fresh = access.IsWrite && access.Width >= buffer.Width && (spans.Count == 0 || spans[spans.Count - 1].To < time);
        if (fresh || spans.Count == 0)
            spans.Add((time, time));
        else
            spans[spans.Count - 1] = (spans[spans.Count - 1].From, time);
    }

    private static bool Meet(List<(int From, int To)> a, List<(int From, int To)> b)
    {
        for (int i = 0, j = 0; i < a.Count && j < b.Count;)
        {
            if (a[i].From <= b[j].To && b[j].From <= a[i].To)
                return true;
            if (a[i].To < b[j].To)
                i++;
            else
                j++;
        }

        return false;
    }
}
