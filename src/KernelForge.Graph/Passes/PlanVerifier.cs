using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>How far a plan has come; every stage keeps what the ones before it promised.</summary>
public enum PlanStage
{
    /// <summary>Steps over buffers and tensors, all of matching shape.</summary>
    Lowered,

    /// <summary>No step is left that has no kernel.</summary>
    Fused,

    /// <summary>Buffers have offsets, and what is read was not overwritten.</summary>
    Placed,

    /// <summary>Tensors have offsets.</summary>
    Packed,

    /// <summary>Barriers separate all steps that depend on each other.</summary>
    Finished,
}

/// <summary>What must hold of every plan, after every pass. Checks each promise in its own way, not as the pass made it.</summary>
public static class PlanVerifier
{
    /// <summary>What is wrong; empty for a sound plan.</summary>
    public static IReadOnlyList<string> Problems(Plan plan, PlanStage stage) => plan.Views().SelectMany(view => OfPart(view, stage)).ToList();

    private static List<string> OfPart(Plan plan, PlanStage stage)
    {
        var problems = new List<string>(PlanShapes.Problems(plan));
        if (problems.Count > 0)
            return problems;
        problems.AddRange(PlanRows.Problems(plan));
        if (stage >= PlanStage.Fused)
        {
            problems.AddRange(plan.Kinds.SelectMany(kind => kind.Steps)
                .Where(step => step is GateStep or ActivateStep || step is MatMulStep { TokenTile: < 1 } or ExpertMatMulStep { TokenTile: < 1 } or HeadMatMulStep { TokenTile: < 1 })
                .Select(step => $"step '{step.Name}' has no kernel"));
        }

        if (stage >= PlanStage.Placed)
            problems.AddRange(PlanMemory.Problems(plan));
        if (stage >= PlanStage.Packed)
            problems.AddRange(Weights(plan));
        if (stage >= PlanStage.Finished)
            problems.AddRange(Barriers(plan, oneToken: true).Concat(Barriers(plan, oneToken: false)).Distinct());
        return problems;
    }

    private static IEnumerable<string> Weights(Plan plan)
    {
        var start = 0L;
        foreach (var block in plan.Blocks)
        {
            if (block.Offset != start || block.Length % 4096 != 0)
                yield return $"block '{block.Name}' does not begin on the page where the one before it ends";
            start = block.Offset + block.Length;
            var end = 0L;
            foreach (var tensor in block.Tensors)
            {
                if (tensor.Offset < end || tensor.Offset % 64 != 0 || tensor.Offset + tensor.Length > block.Length)
                    yield return $"tensor '{tensor.Name}' of block '{block.Name}' overlaps another or is not on a cache line";
                end = tensor.Offset + tensor.Length;
            }
        }

        foreach (var call in plan.Calls)
        {
            var first = plan.Blocks[plan.Calls.First(other => other.Kind == call.Kind).Block];
            if (!plan.Blocks[call.Block].Tensors.Select(tensor => tensor.Offset).SequenceEqual(first.Tensors.Select(tensor => tensor.Offset)))
                yield return $"calls of the kind '{plan.Kinds[call.Kind].Name}' find their tensors at different offsets";
        }
    }

    private static IEnumerable<string> Barriers(Plan plan, bool oneToken)
    {
        var pending = new List<(Step Step, StepAccess Access)>();
        var layer = -1;
        foreach (var call in plan.Calls)
        {
            // Each layer has a cache of its own, so its accesses only meet those of the same call.
            if (call.CacheLayer != layer)
                pending.RemoveAll(other => other.Access.Buffer == StepAccesses.Cache);
            layer = call.CacheLayer;
            var skipped = plan.IsOptional(call) ? pending.ToList() : [];
            foreach (var step in plan.Kinds[call.Kind].Steps)
            {
                if (step is BarrierStep barrier && !(oneToken && barrier.SeveralTokens))
                    pending.Clear();
                if (StepAccesses.ChangesRows(step))
                    pending = pending.ConvertAll(other => (other.Step, Hazards.WithoutOwner(other.Access)));
                var accesses = StepAccesses.Of(step, plan, plan.Blocks[call.Block].Tensors).ToList();
                foreach (var access in accesses)
                {
                    foreach (var other in pending.Where(other => Hazards.Conflict(plan, access, other.Access, oneToken)))
                        yield return $"no barrier stands between '{other.Step.Name}' and '{step.Name}'";
                }

                pending.AddRange(accesses.Select(access => (step, access)));
            }

            pending.AddRange(skipped);
        }
    }
}
