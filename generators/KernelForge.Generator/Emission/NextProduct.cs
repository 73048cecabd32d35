using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>Which weights a worker reads after those of a product: what it may fetch while that ends.</summary>
internal static class NextProduct
{
    /// <summary>Where the worker's part of the next product begins when one token is computed, relative to <c>weights</c>.</summary>
    public static string Begin(Plan plan, int kind, MatMulStep step)
    {
        var call = plan.Calls.TakeWhile(call => call.Kind != kind).Count();
        var (next, product) = Find(plan, call, step);
        var matrix = plan.Blocks[plan.Calls[next].Block].Tensors[product.Matrix];
        var tiles = PackedLayouts.Tiles(matrix);
        var grain = matrix.Interleaved ? 2 : 1;
        var distance = Offset(plan, next) - Offset(plan, call) + matrix.Offset;
        return $"weights {(distance < 0 ? "-" : "+")} {Math.Abs(distance)} + Share({(tiles + grain - 1) / grain}, worker, workers) * {grain * (matrix.Length / tiles)}";
    }

    /// <summary>The product after <paramref name="step"/> in its call or in those that follow; after the last of a token comes the first of the next one.</summary>
    private static (int Call, MatMulStep Product) Find(Plan plan, int call, MatMulStep step)
    {
        if (plan.Kinds[plan.Calls[call].Kind].Steps.OfType<MatMulStep>().SkipWhile(product => product != step).Skip(1).FirstOrDefault() is { } following)
            return (call, following);
        for (var ahead = 1; ahead <= plan.Calls.Count; ahead++)
        {
            var next = (call + ahead) % plan.Calls.Count;
            if (plan.Kinds[plan.Calls[next].Kind].Steps.OfType<MatMulStep>().FirstOrDefault() is { } first)
                return (next, first);
        }

        return (call, step);
    }

    private static long Offset(Plan plan, int call) => plan.Blocks[plan.Calls[call].Block].Offset;
}
