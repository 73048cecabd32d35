using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>Which weights a worker reads after those of a product: what it may fetch while that ends.</summary>
internal static class NextProduct
{
    /// <summary>Expression: where the worker's part of the next product begins when one token is computed.</summary>
    public static string Begin(StepContext context, Step step)
    {
        var following = context.Plan.Kinds[context.Kind].Steps.SkipWhile(other => other != step).Skip(1).FirstOrDefault(other => other is MatMulStep or ExpertMatMulStep);
        return step is ExpertMatMulStep && following is ExpertMatMulStep experts ? OfExperts(context, experts) : OfMatrix(context, step);
    }

    /// <summary>The same experts' next matrices; the locals are those of <see cref="MixtureStatements.Multiply"/>.</summary>
    private static string OfExperts(StepContext context, ExpertMatMulStep experts)
    {
        var matrix = context.Tensors[experts.Matrix];
        var one = matrix.Expert(0);
        var (portions, bytes) = Portions(one);
        context.Writer.Line($"nint nextPortion = Share(used[2 * n + 1] * {portions}, worker, workers);");
        return $"{context.Tensor(experts.Matrix)} + used[nextPortion / {portions}] * {one.Length} + nextPortion % {portions} * {bytes}";
    }

    private static string OfMatrix(StepContext context, Step step)
    {
        var plan = context.Plan;
        var call = plan.Calls.TakeWhile(call => call.Kind != context.Kind).Count();
        var (next, tensor) = Find(plan, call, step);
        var matrix = plan.Blocks[plan.Calls[next].Block].Tensors[tensor];
        var (portions, bytes) = Portions(matrix);
        var distance = Offset(plan, next) - Offset(plan, call) + matrix.Offset;
        return $"weights {(distance < 0 ? "-" : "+")} {Math.Abs(distance)} + Share({portions}, worker, workers) * {bytes}";
    }

    /// <summary>How many portions a matrix has when one token is computed, and the bytes of each.</summary>
    private static (int Count, long Bytes) Portions(PackedTensor matrix)
    {
        var tiles = PackedLayouts.Tiles(matrix);
        var grain = matrix.Interleaved ? 2 : 1;
        return ((tiles + grain - 1) / grain, grain * (matrix.Length / tiles));
    }

    /// <summary>The matrix after <paramref name="step"/>'s in its call or in those that follow; after the last of a token comes the first of the next one.</summary>
    private static (int Call, int Matrix) Find(Plan plan, int call, Step step)
    {
        for (var ahead = 0; ahead <= plan.Calls.Count; ahead++)
        {
            var next = (call + ahead) % plan.Calls.Count;
            IEnumerable<Step> steps = plan.Kinds[plan.Calls[next].Kind].Steps;
            if (ahead == 0)
                steps = steps.SkipWhile(other => other != step).Skip(1);
            if (steps.OfType<MatMulStep>().FirstOrDefault() is { } product)
                return (next, product.Matrix);
        }

        throw new ArgumentException($"No call has a matrix product after '{step.Name}'.", nameof(step));
    }

    private static long Offset(Plan plan, int call) => plan.Blocks[plan.Calls[call].Block].Offset;
}
