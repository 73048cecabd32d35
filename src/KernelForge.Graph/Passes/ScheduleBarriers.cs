using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Puts a barrier before a step that touches bytes which another worker may still be writing, or that writes bytes which another may still be
/// reading. Rows of a token are its owner's as long as steps are divided by tokens, and of a single token one worker does all but the matrix products and
/// the attention: such passes need fewer barriers, so some are for several tokens only.
/// </summary>
internal static class ScheduleBarriers
{
    public static Plan Run(Plan plan)
    {
        // A kind begins with whatever any of its callers left unfinished: what that is grows until it holds for all.
        var begins = plan.Kinds.Select(_ => new HashSet<Unfinished>()).ToList();
        var scheduled = plan.Kinds.Select(_ => new List<Step>()).ToList();
        for (var grows = true; grows;)
        {
            grows = false;
            var left = new List<Unfinished>();
            var layer = -1;
            foreach (var call in plan.Calls)
            {
                // Every layer has a cache of its own.
                if (call.CacheLayer != layer)
                    left.RemoveAll(other => other.Access.Buffer == StepAccesses.Cache);
                layer = call.CacheLayer;
                // Passed over, a layer ends nothing that was left before it.
                var skipped = plan.IsOptional(call) ? left : [];
                var count = begins[call.Kind].Count;
                begins[call.Kind].UnionWith(left);
                grows |= begins[call.Kind].Count > count;
                left = [.. begins[call.Kind]];
                scheduled[call.Kind] = Schedule(plan, plan.Kinds[call.Kind], plan.Blocks[call.Block].Tensors, left);
                left.AddRange(skipped);
            }
        }

        return plan with { Kinds = plan.Kinds.Select((kind, i) => kind with { Steps = scheduled[i].ToEquatableArray() }).ToEquatableArray() };
    }

    /// <summary>The steps and their barriers; <paramref name="left"/> is what is unfinished before, and becomes what is unfinished after them.</summary>
    private static List<Step> Schedule(Plan plan, StepKind kind, EquatableArray<PackedTensor> tensors, List<Unfinished> left)
    {
        var scheduled = new List<Step>();
        foreach (var step in kind.Steps)
        {
            var accesses = StepAccesses.Of(step, plan, tensors).ToList();
            if (StepAccesses.ChangesRows(step))
                Replace(left, other => other with { Access = Hazards.WithoutOwner(other.Access) });
            if (MustWait(oneToken: true))
            {
                scheduled.Add(new BarrierStep("Before" + step.Name));
                left.Clear();
            }
            else if (MustWait(oneToken: false))
            {
                scheduled.Add(new BarrierStep("Before" + step.Name, SeveralTokens: true));
                Replace(left, other => other with { OneTokenOnly = true });
            }

            scheduled.Add(step);
            left.AddRange(accesses.Select(access => new Unfinished(access)));

            bool MustWait(bool oneToken) => accesses.Exists(access =>
                left.Exists(other => (oneToken || !other.OneTokenOnly) && Hazards.Conflict(plan, access, other.Access, oneToken)));
        }

        return scheduled;
    }

    private static void Replace(List<Unfinished> list, Func<Unfinished, Unfinished> by)
    {
        for (var i = 0; i < list.Count; i++)
            list[i] = by(list[i]);
    }

    /// <summary>An access that no barrier has ended yet.</summary>
    /// <param name="Access">What a step touches.</param>
    /// <param name="OneTokenOnly">Passes of several tokens have had a barrier since.</param>
    private readonly record struct Unfinished(StepAccess Access, bool OneTokenOnly = false);
}
