using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Lets a kernel finish what it began: a matmul adds to the residual stream or computes the activation as it stores; a norm, a gated unit and attention over
/// whole blocks of 32 quantize their result at once. A buffer that nothing reads any more goes with the last fusion.
/// </summary>
internal static class FuseEpilogues
{
    public static Plan Run(Plan plan)
    {
        var kinds = plan.Kinds.Select((kind, i) => kind with { Steps = Fuse(plan, kind.Steps, plan.Blocks[plan.Calls.First(call => call.Kind == i).Block].Tensors) }).ToEquatableArray();
        return DropUnusedBuffers(plan with { Kinds = kinds });
    }

    private static EquatableArray<Step> Fuse(Plan plan, EquatableArray<Step> steps, EquatableArray<PackedTensor> tensors)
    {
        var reads = steps.SelectMany(step => StepAccesses.Of(step, plan, tensors).Where(access => !access.IsWrite).Select(access => access.Buffer).Distinct()).ToList();
        var fused = new List<Step>();
        foreach (var step in steps)
        {
            var last = fused.Count - 1;
            if (last >= 0 && Merge(plan, fused[last], step) is { } merged && reads.Count(buffer => buffer == merged.Between) == 1)
                fused[last] = merged.Step;
            else
                fused.Add(step);
        }

        return fused.ToEquatableArray();
    }

    /// <summary>One step that does the work of two, and the buffer between them that it makes superfluous.</summary>
    private static (Step Step, int Between)? Merge(Plan plan, Step first, Step second) => (first, second) switch
    {
        (MatMulStep { Epilogue: Epilogue.Store } matmul, AddStep { Factor: 1, Gate: < 0 } add) when add.Input == matmul.Output =>
            (matmul with { Epilogue = Epilogue.Residual, Output = add.Output }, add.Input),
        (MatMulStep { Epilogue: Epilogue.Store } matmul, GateStep gate) when gate.Input == matmul.Output =>
            (matmul with { Epilogue = Epilogue.Gate, Output = gate.Output, Activation = gate.Activation }, gate.Input),
        (MatMulStep { Epilogue: Epilogue.Store } matmul, ActivateStep activate) when activate.Input == matmul.Output =>
            (matmul with { Epilogue = Epilogue.Activate, Output = activate.Output, Activation = activate.Activation }, activate.Input),
        (MatMulStep { Epilogue: Epilogue.Gate } matmul, QuantizeStep quantize) when quantize.Input == matmul.Output =>
            (matmul with { Output = quantize.Output }, quantize.Input),
        (NormStep norm, QuantizeStep quantize) when quantize.Input == norm.Output =>
            (norm with { Output = quantize.Output }, quantize.Input),
        (AttentionStep attention, QuantizeStep quantize) when quantize.Input == attention.Output && plan.CacheOf(attention.IsKept).HeadSize % PackedLayouts.Tile == 0 =>
            (attention with { Output = quantize.Output }, quantize.Input),
        _ => null,
    };

    private static Plan DropUnusedBuffers(Plan plan)
    {
        var used = plan.Kinds.SelectMany(kind => kind.Steps).SelectMany(StepAccesses.Buffers).Distinct().OrderBy(buffer => buffer).ToList();
        var kinds = plan.Kinds.Select(kind => kind with
        {
            Steps = kind.Steps.Select(step => StepAccesses.Renumber(step, buffer => used.IndexOf(buffer))).ToEquatableArray(),
        });
        return plan with { Kinds = kinds.ToEquatableArray(), Buffers = used.Select(buffer => plan.Buffers[buffer]).ToEquatableArray() };
    }
}
