namespace KernelForge.Plans;

/// <summary>What a step touches: the one place that knows, for passes, verifiers and interpreters alike.</summary>
public static class StepAccesses
{
    /// <summary>Stands for the key-value cache of the call's layer among the buffers.</summary>
    public const int Cache = -2;

    /// <summary>Everything a step reads and writes, in a block whose tensors are <paramref name="tensors"/>.</summary>
    public static IEnumerable<StepAccess> Of(Step step, Plan plan, EquatableArray<PackedTensor> tensors)
    {
        switch (step)
        {
            case EmbedStep embed:
                return [Write(plan, embed.Output)];
            case PositionStep position:
                return [Write(plan, position.Output)];
            case ActivateStep activate:
                return [Read(plan, activate.Input), Write(plan, activate.Output)];
            case RouteStep route:
                return [Read(plan, route.Logits), Write(plan, route.Output)];
            case GatherStep gather:
                return [Read(plan, gather.Input), Read(plan, gather.Routing), Write(plan, gather.Output)];
            case ExpertMatMulStep experts:
                return [Read(plan, experts.Input), Read(plan, experts.Routing), Write(plan, experts.Output)];
            case CombineStep combine:
                return [Read(plan, combine.Input), Read(plan, combine.Routing), Write(plan, combine.Output)];
            case RowGateStep gate:
                return [Read(plan, gate.Input), Read(plan, gate.Gate), Write(plan, gate.Output)];
            case NormStep norm:
                return [Read(plan, norm.Input), Write(plan, norm.Output)];
            case QuantizeStep quantize:
                return [Read(plan, quantize.Input), Write(plan, quantize.Output)];
            case SelectStep select:
                return [Read(plan, select.Input), Write(plan, select.Output)];
            case AddStep add:
                return [Read(plan, add.Input), Read(plan, add.Output), Write(plan, add.Output)];
            case GateStep gate:
                return [Read(plan, gate.Input), Write(plan, gate.Output)];
            case MatMulStep { Epilogue: Epilogue.Logits } matmul:
                return [Read(plan, matmul.Input)];
            case MatMulStep { Epilogue: Epilogue.Store or Epilogue.Activate } matmul:
                var width = PackedLayouts.Tiles(tensors[matmul.Matrix]) * PackedLayouts.Tile;
                return [Read(plan, matmul.Input), new StepAccess(matmul.Output, matmul.OutputColumn, width, IsWrite: true)];
            case MatMulStep { Epilogue: Epilogue.Residual } matmul:
                return [Read(plan, matmul.Input), Read(plan, matmul.Output), Write(plan, matmul.Output)];
            case MatMulStep matmul:
                return [Read(plan, matmul.Input), Write(plan, matmul.Output)];
            case CacheStep cache:
                var query = cache.Heads * plan.Cache.HeadSize;
                var key = plan.Cache.KeyValueHeads * plan.Cache.HeadSize;
                return
                [
                    new StepAccess(cache.Buffer, cache.QueryColumn, query, IsWrite: false),
                    new StepAccess(cache.Buffer, cache.QueryColumn, query, IsWrite: true),
                    new StepAccess(cache.Buffer, cache.KeyColumn, key, IsWrite: false),
                    new StepAccess(cache.Buffer, cache.ValueColumn, key, IsWrite: false),
                    new StepAccess(Cache, 0, 1, IsWrite: true),
                    .. cache.Norms is null ? Array.Empty<StepAccess>() : [new StepAccess(cache.Buffer, cache.KeyColumn, key, IsWrite: true)],
                ];
            case AttentionStep attention:
                return
                [
                    new StepAccess(attention.Input, attention.QueryColumn, attention.Heads * plan.Cache.HeadSize, IsWrite: false),
                    new StepAccess(Cache, 0, 1, IsWrite: false),
                    Write(plan, attention.Output),
                ];
            default:
                return [];
        }
    }

    /// <summary>Buffers a step names.</summary>
    public static IEnumerable<int> Buffers(Step step)
    {
        var found = new List<int>();
        Renumber(step, buffer =>
        {
            found.Add(buffer);
            return buffer;
        });
        return found;
    }

    /// <summary>Whether a step reads a buffer.</summary>
    internal static bool Reads(Step step, int buffer) => step switch
    {
        NormStep norm => norm.Input == buffer,
        QuantizeStep quantize => quantize.Input == buffer,
        SelectStep select => select.Input == buffer,
        AddStep add => add.Input == buffer || add.Output == buffer,
        GateStep gate => gate.Input == buffer,
        ActivateStep activate => activate.Input == buffer,
        RouteStep route => route.Logits == buffer,
        GatherStep gather => gather.Input == buffer || gather.Routing == buffer,
        ExpertMatMulStep experts => experts.Input == buffer || experts.Routing == buffer,
        CombineStep combine => combine.Input == buffer || combine.Routing == buffer,
        RowGateStep gate => gate.Input == buffer || gate.Gate == buffer,
        MatMulStep matmul => matmul.Input == buffer || (matmul.Epilogue == Epilogue.Residual && matmul.Output == buffer),
        CacheStep cache => cache.Buffer == buffer,
        AttentionStep attention => attention.Input == buffer,
        _ => false,
    };

    /// <summary>The same step over other buffers.</summary>
    internal static Step Renumber(Step step, Func<int, int> buffer) => step switch
    {
        EmbedStep embed => embed with { Output = buffer(embed.Output) },
        NormStep norm => norm with { Input = buffer(norm.Input), Output = buffer(norm.Output) },
        QuantizeStep quantize => quantize with { Input = buffer(quantize.Input), Output = buffer(quantize.Output) },
        SelectStep select => select with { Input = buffer(select.Input), Output = buffer(select.Output) },
        AddStep add => add with { Input = buffer(add.Input), Output = buffer(add.Output) },
        GateStep gate => gate with { Input = buffer(gate.Input), Output = buffer(gate.Output) },
        ActivateStep activate => activate with { Input = buffer(activate.Input), Output = buffer(activate.Output) },
        PositionStep position => position with { Output = buffer(position.Output) },
        RouteStep route => route with { Logits = buffer(route.Logits), Output = buffer(route.Output) },
        GatherStep gather => gather with { Input = buffer(gather.Input), Routing = buffer(gather.Routing), Output = buffer(gather.Output) },
        ExpertMatMulStep experts => experts with { Input = buffer(experts.Input), Routing = buffer(experts.Routing), Output = buffer(experts.Output) },
        CombineStep combine => combine with { Input = buffer(combine.Input), Routing = buffer(combine.Routing), Output = buffer(combine.Output) },
        RowGateStep gate => gate with { Input = buffer(gate.Input), Gate = buffer(gate.Gate), Output = buffer(gate.Output) },
        MatMulStep { Epilogue: Epilogue.Logits } matmul => matmul with { Input = buffer(matmul.Input) },
        MatMulStep matmul => matmul with { Input = buffer(matmul.Input), Output = buffer(matmul.Output) },
        CacheStep cache => cache with { Buffer = buffer(cache.Buffer) },
        AttentionStep attention => attention with { Input = buffer(attention.Input), Output = buffer(attention.Output) },
        _ => step,
    };

    private static StepAccess Read(Plan plan, int buffer) => new(buffer, 0, plan.Buffers[buffer].Width, IsWrite: false);

    private static StepAccess Write(Plan plan, int buffer) => new(buffer, 0, plan.Buffers[buffer].Width, IsWrite: true);
}

/// <summary>Columns of a buffer that a step reads or writes.</summary>
/// <param name="Buffer">Index, or <see cref="StepAccesses.Cache"/>.</param>
/// <param name="Column">First value of a row.</param>
/// <param name="Width">Number of values.</param>
/// <param name="IsWrite">Writes; otherwise reads.</param>
public readonly record struct StepAccess(int Buffer, int Column, int Width, bool IsWrite);
