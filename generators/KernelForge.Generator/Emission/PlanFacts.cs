using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>Figures of a plan that the generated class tells its reader and the run time.</summary>
internal static class PlanFacts
{
    /// <summary>Bytes of weights that a forward pass of one token reads.</summary>
    public static long BytesPerToken(Plan plan) =>
        plan.Calls.Sum(call => plan.Kinds[call.Kind].Steps.Sum(step => BytesRead(plan, call, step)));

    /// <summary>Multiplications and additions of one token in matrix products.</summary>
    public static long OperationsPerToken(Plan plan) =>
        plan.Calls.Sum(call => plan.Kinds[call.Kind].Steps.Sum(step => Operations(plan, call, step)));

    /// <summary>Multiplications and additions of one token in one call of a step, if it is a matrix product.</summary>
    public static long Operations(Plan plan, Call call, Step step) => step switch
    {
        MatMulStep matmul => Operations(plan.Blocks[call.Block].Tensors[matmul.Matrix]),
        HeadMatMulStep heads => plan.Blocks[call.Block].Tensors[heads.Matrix].Each().Sum(one => Operations(one)),
        ExpertMatMulStep experts => Active(plan, experts) * Operations(plan.Blocks[call.Block].Tensors[experts.Matrix]),
        _ => 0L,
    };

    /// <summary>Bytes of the weight section.</summary>
    public static long WeightBytes(Plan plan) => plan.Blocks.Max(block => block.Offset + block.Length);

    /// <summary>Bytes of workspace for one token, in whichever part needs most.</summary>
    public static int WorkspaceBytesPerToken(Plan plan) => plan.Views().SelectMany(view => view.Buffers).Max(buffer => buffer.OffsetPerToken + buffer.BytesPerToken);

    /// <summary>Experts of each layer, 0 where it has none; empty where no layer has, or where layers that convolve or only ask what is kept are numbered apart.</summary>
    public static IReadOnlyList<int> Experts(Plan plan)
    {
        if (plan.Cache.Convolutions > 0 || plan.Calls.Any(plan.IsOptional))
            return [];
        var experts = new int[plan.Cache.Layers];
        foreach (var call in plan.Calls.Where(call => call.CacheLayer >= 0))
            experts[call.CacheLayer] = plan.Kinds[call.Kind].Steps.OfType<RouteStep>().Select(route => plan.Buffers[route.Logits].Width).FirstOrDefault();
        return experts.Any(count => count > 0) ? experts : [];
    }

    /// <summary>Token ids that have an embedding; 0 where nothing is embedded.</summary>
    public static int TokenIds(Plan plan) => plan.Kinds.SelectMany(kind => kind.Steps).OfType<EmbedStep>().Select(embed => plan.Blocks[embed.Block].Tensors[embed.Tensor].Rows).FirstOrDefault();

    /// <summary>Types of tokens that an encoder knows; 0 where it has none.</summary>
    public static int TokenTypes(Plan plan)
    {
        for (var kind = 0; kind < plan.Kinds.Count; kind++)
        {
            if (plan.Kinds[kind].Steps.OfType<LookupStep>().FirstOrDefault(step => step.Key == LookupKey.TokenType) is { } lookup)
                return BlockOf(plan, kind).Tensors[lookup.Tensor].Rows;
        }

        return 0;
    }

    /// <summary>The block that a kind runs on first; all its calls have equal ones.</summary>
    public static WeightBlock BlockOf(Plan plan, int kind) => plan.Blocks[plan.Calls.First(call => call.Kind == kind).Block];

    /// <summary>A kind's matrix products, those of experts among them.</summary>
    public static IEnumerable<(string Name, int Input, int Matrix, Epilogue Epilogue, int TokenTile)> Products(StepKind kind) => kind.Steps.SelectMany(step => step switch
    {
        MatMulStep matmul => new[] { (matmul.Name, matmul.Input, matmul.Matrix, matmul.Epilogue, matmul.TokenTile) },
        HeadMatMulStep heads => [(heads.Name, heads.Input, heads.Matrix, Epilogue.Store, heads.TokenTile)],
        ExpertMatMulStep experts => [(experts.Name, experts.Input, experts.Matrix, experts.Epilogue, experts.TokenTile)],
        _ => [],
    });

    /// <summary>Bytes of a session's cache that a token reads.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="length">Tokens of the session, this one among them.</param>
    public static long CacheBytesRead(Plan plan, CacheFormat format, int length)
    {
        return plan.Calls.Sum(call => plan.Kinds[call.Kind].Steps.Sum(Positions)) * CachePlaces.LayerBytes(plan.Cache, format) / CachePlaces.Positions;

        long Positions(Step step) => step switch
        {
            AttentionStep { IsKept: false } attention => Math.Min(attention.Window > 0 ? Math.Min(attention.Window, length) : length, attention.Chunk > 0 ? ((length - 1) % attention.Chunk) + 1 : length),
            LatentAttentionStep => length,
            _ => 0L,
        };
    }

    private static int Active(Plan plan, ExpertMatMulStep step) => plan.Buffers[step.Input].Rows;

    private static long Operations(PackedTensor matrix) => 2L * matrix.Rows * matrix.Columns;

    /// <summary>Bytes of weights that one call of a step reads for one token.</summary>
    public static long BytesRead(Plan plan, Call call, Step step)
    {
        var tensors = plan.Blocks[call.Block].Tensors;
        switch (step)
        {
            case MatMulStep matmul:
                return tensors[matmul.Matrix].Length + (matmul.Bias < 0 ? 0 : tensors[matmul.Bias].Length);
            case ExpertMatMulStep experts:
                return Active(plan, experts) * tensors[experts.Matrix].Expert(0).Length;
            case HeadMatMulStep heads:
                return tensors[heads.Matrix].Length;
            case NormStep norm:
                return tensors[norm.Scale].Length + (norm.Shift < 0 ? 0 : tensors[norm.Shift].Length);
            case EmbedStep embed:
                var table = plan.Blocks[embed.Block].Tensors[embed.Tensor];
                return table.Length / (PackedLayouts.Tiles(table) * PackedLayouts.Tile);
            default:
                return 0;
        }
    }
}
