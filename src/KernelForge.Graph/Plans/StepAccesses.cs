namespace KernelForge.Plans;

/// <summary>What a step touches: the one place that knows, for passes, verifiers and interpreters alike.</summary>
public static class StepAccesses
{
    /// <summary>Stands for the key-value cache of the call's layer among the buffers.</summary>
    public const int Cache = -2;

    /// <summary>Stands for what is kept of other rows.</summary>
    public const int Kept = -3;

    /// <summary>After it other rows are the pass's.</summary>
    public static bool ChangesRows(Step step) => step is SelectStep or ProbeStep or WindowStep { Stride: > 1 };

    /// <summary>Everything a step reads and writes, in a block whose tensors are <paramref name="tensors"/>.</summary>
    public static IEnumerable<StepAccess> Of(Step step, Plan plan, EquatableArray<PackedTensor> tensors)
    {
        switch (step)
        {
            case EmbedStep embed:
                return [Write(plan, embed.Output, Division.Tokens)];
            case LookupStep lookup:
                return [Write(plan, lookup.Output, Division.Tokens)];
            case InputStep input:
                return [Write(plan, input.Output, Division.Tokens)];
            case WindowStep window:
                return [Read(plan, window.Input), Write(plan, window.Output, Division.Tokens)];
            case ProbeStep probe:
                return [Write(plan, probe.Output, Division.Tokens)];
            case OutputStep output:
                return [Read(plan, output.Input, Division.Tokens)];
            case ActivateStep activate:
                return [Read(plan, activate.Input), Write(plan, activate.Output)];
            case RouteStep route:
                return [Read(plan, route.Logits, Division.Owner), Write(plan, route.Output, Division.Owner)];
            case GatherStep gather:
                return [Read(plan, gather.Input, Division.Owner), Read(plan, gather.Routing, Division.Owner), Write(plan, gather.Output, Division.Owner)];
            case ExpertMatMulStep experts:
                return [Read(plan, experts.Input), Read(plan, experts.Routing), Write(plan, experts.Output)];
            case CombineStep combine:
                return [Read(plan, combine.Input, Division.Owner), Read(plan, combine.Routing, Division.Owner), Write(plan, combine.Output, Division.Tokens)];
            case RowGateStep gate:
                return [Read(plan, gate.Input, Division.Tokens), Read(plan, gate.Gate, Division.Tokens), Write(plan, gate.Output, Division.Tokens)];
            case NormStep norm:
                return [Read(plan, norm.Input, Division.Tokens), Write(plan, norm.Output, Division.Tokens)];
            case HeadNormStep norm:
                return [Read(plan, norm.Buffer, Division.Tokens), Write(plan, norm.Buffer, Division.Tokens)];
            case QuantizeStep quantize:
                return [Read(plan, quantize.Input, Division.Tokens), Write(plan, quantize.Output, Division.Tokens)];
            case SelectStep select:
                return [Read(plan, select.Input), Write(plan, select.Output, Division.Tokens)];
            case AddStep add:
                return [Read(plan, add.Input, Division.Tokens), Read(plan, add.Output, Division.Tokens), Write(plan, add.Output, Division.Tokens)];
            case GateStep gate:
                return [Read(plan, gate.Input), Write(plan, gate.Output)];
            case MatMulStep { Epilogue: Epilogue.Logits } matmul:
                return [Read(plan, matmul.Input)];
            case MatMulStep { Epilogue: Epilogue.Store or Epilogue.Activate } matmul:
                var width = PackedLayouts.Tiles(tensors[matmul.Matrix]) * PackedLayouts.Tile;
                var division = IsByToken(matmul, tensors) ? Division.Tokens : Division.Parts;
                return [Read(plan, matmul.Input, division), new StepAccess(matmul.Output, matmul.OutputColumn, width, IsWrite: true, division)];
            case MatMulStep { Epilogue: Epilogue.Residual } matmul:
                return [Read(plan, matmul.Input), Read(plan, matmul.Output), Write(plan, matmul.Output)];
            case MatMulStep matmul:
                return [Read(plan, matmul.Input), Write(plan, matmul.Output)];
            case CacheStep cache:
                var shape = plan.CacheOf(cache.IsKept);
                var query = cache.Heads * shape.HeadSize;
                var key = shape.KeyValueHeads * shape.HeadSize;
                return
                [
                    new StepAccess(cache.Buffer, cache.QueryColumn, query, IsWrite: false, Division.Tokens),
                    new StepAccess(cache.Buffer, cache.QueryColumn, query, IsWrite: true, Division.Tokens),
                    new StepAccess(cache.Buffer, cache.KeyColumn, key, IsWrite: false, Division.Tokens),
                    new StepAccess(cache.Buffer, cache.ValueColumn, key, IsWrite: false, Division.Tokens),
                    new StepAccess(cache.IsKept ? Kept : Cache, 0, 1, IsWrite: true, Division.Tokens),
                    .. cache.Norms is null ? Array.Empty<StepAccess>() : [new StepAccess(cache.Buffer, cache.KeyColumn, key, IsWrite: true, Division.Tokens)],
                ];
            case HeadMatMulStep heads:
                return [Read(plan, heads.Input), Write(plan, heads.Output)];
            case LatentCacheStep latent:
                return
                [
                    Read(plan, latent.Query, Division.Tokens), Read(plan, latent.Latent, Division.Tokens), Read(plan, latent.Key, Division.Tokens),
                    Write(plan, latent.Output, Division.Tokens), new StepAccess(Cache, 0, 1, IsWrite: true, Division.Tokens),
                ];
            case LatentAttentionStep latent:
                return [Read(plan, latent.Latent), Read(plan, latent.Rotated), new StepAccess(Cache, 0, 1, IsWrite: false), Write(plan, latent.Output)];
            case ConvolutionStep convolution:
                return
                [
                    new StepAccess(convolution.Buffer, convolution.BeforeColumn, plan.Cache.ConvolutionWidth, IsWrite: false),
                    new StepAccess(convolution.Buffer, convolution.AfterColumn, plan.Cache.ConvolutionWidth, IsWrite: false),
                    new StepAccess(convolution.Buffer, convolution.ValueColumn, plan.Cache.ConvolutionWidth, IsWrite: false),
                    Write(plan, convolution.Output),
                ];
            case AttentionStep attention:
                return
                [
                    new StepAccess(attention.Input, attention.QueryColumn, attention.Heads * plan.CacheOf(attention.IsKept).HeadSize, IsWrite: false),
                    new StepAccess(attention.IsKept ? Kept : Cache, 0, 1, IsWrite: false),
                    Write(plan, attention.Output),
                ];
            default:
                return [];
        }
    }

    /// <summary>A matrix of a tile or two (a router's) is too small to be divided; its tokens are.</summary>
    public static bool IsByToken(MatMulStep step, EquatableArray<PackedTensor> tensors) =>
        step.Epilogue == Epilogue.Store && PackedLayouts.Tiles(tensors[step.Matrix]) <= 2;

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

    /// <summary>The same step over other buffers.</summary>
    internal static Step Renumber(Step step, Func<int, int> buffer) => step switch
    {
        EmbedStep embed => embed with { Output = buffer(embed.Output) },
        NormStep norm => norm with { Input = buffer(norm.Input), Output = buffer(norm.Output) },
        HeadNormStep norm => norm with { Buffer = buffer(norm.Buffer) },
        QuantizeStep quantize => quantize with { Input = buffer(quantize.Input), Output = buffer(quantize.Output) },
        SelectStep select => select with { Input = buffer(select.Input), Output = buffer(select.Output) },
        AddStep add => add with { Input = buffer(add.Input), Output = buffer(add.Output) },
        GateStep gate => gate with { Input = buffer(gate.Input), Output = buffer(gate.Output) },
        ActivateStep activate => activate with { Input = buffer(activate.Input), Output = buffer(activate.Output) },
        LookupStep lookup => lookup with { Output = buffer(lookup.Output) },
        InputStep input => input with { Output = buffer(input.Output) },
        WindowStep window => window with { Input = buffer(window.Input), Output = buffer(window.Output) },
        ProbeStep probe => probe with { Output = buffer(probe.Output) },
        OutputStep output => output with { Input = buffer(output.Input) },
        RouteStep route => route with { Logits = buffer(route.Logits), Output = buffer(route.Output) },
        GatherStep gather => gather with { Input = buffer(gather.Input), Routing = buffer(gather.Routing), Output = buffer(gather.Output) },
        ExpertMatMulStep experts => experts with { Input = buffer(experts.Input), Routing = buffer(experts.Routing), Output = buffer(experts.Output) },
        CombineStep combine => combine with { Input = buffer(combine.Input), Routing = buffer(combine.Routing), Output = buffer(combine.Output) },
        RowGateStep gate => gate with { Input = buffer(gate.Input), Gate = buffer(gate.Gate), Output = buffer(gate.Output) },
        MatMulStep { Epilogue: Epilogue.Logits } matmul => matmul with { Input = buffer(matmul.Input) },
        MatMulStep matmul => matmul with { Input = buffer(matmul.Input), Output = buffer(matmul.Output) },
        CacheStep cache => cache with { Buffer = buffer(cache.Buffer) },
        HeadMatMulStep heads => heads with { Input = buffer(heads.Input), Output = buffer(heads.Output) },
        LatentCacheStep latent => latent with { Query = buffer(latent.Query), Latent = buffer(latent.Latent), Key = buffer(latent.Key), Output = buffer(latent.Output) },
        LatentAttentionStep latent => latent with { Latent = buffer(latent.Latent), Rotated = buffer(latent.Rotated), Output = buffer(latent.Output) },
        ConvolutionStep convolution => convolution with { Buffer = buffer(convolution.Buffer), Output = buffer(convolution.Output) },
        AttentionStep attention => attention with { Input = buffer(attention.Input), Output = buffer(attention.Output) },
        _ => step,
    };

    private static StepAccess Read(Plan plan, int buffer, Division division = Division.Parts) =>
        new(buffer, 0, plan.Buffers[buffer].Width, IsWrite: false, division);

    private static StepAccess Write(Plan plan, int buffer, Division division = Division.Parts) =>
        new(buffer, 0, plan.Buffers[buffer].Width, IsWrite: true, division);
}

/// <summary>Columns of a buffer that a step reads or writes.</summary>
/// <param name="Buffer">Index, or <see cref="StepAccesses.Cache"/>.</param>
/// <param name="Column">First value of a row.</param>
/// <param name="Width">Number of values.</param>
/// <param name="IsWrite">Writes; otherwise reads.</param>
/// <param name="Division">Which worker touches what.</param>
public readonly record struct StepAccess(int Buffer, int Column, int Width, bool IsWrite, Division Division = Division.Parts);

/// <summary>How the workers divide what a step touches.</summary>
public enum Division
{
    /// <summary>Any worker may touch any of it.</summary>
    Parts,

    /// <summary>The same, but of a single token the worker whose it is does everything.</summary>
    Owner,

    /// <summary>Every worker touches the rows of his own tokens.</summary>
    Tokens,
}
