using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>Steps of attention over latents.</summary>
internal static class LatentStatements
{
    // Rows of a portion in tiles: a worker takes enough for a portion to be worth taking, and few enough that there are some for all.
    private const int PortionTiles = 8;

    /// <summary>Workers take portions of all heads' tiles.</summary>
    public static void Multiply(StepContext context, HeadMatMulStep step)
    {
        var matrix = context.Tensors[step.Matrix];
        var one = matrix.Expert(0);
        var (input, output) = (context.Plan.Buffers[step.Input], context.Plan.Buffers[step.Output]);
        var tiles = PackedLayouts.Tiles(one);
        var portions = (tiles + PortionTiles - 1) / PortionTiles;
        var writer = context.Writer;
        writer
            .Line($"// {step.Name}: {matrix.Experts} heads of {SourceWriter.Grouped(matrix.Rows)} x {SourceWriter.Grouped(matrix.Columns)} {matrix.Layout}, {SourceWriter.Grouped(one.Length)} bytes each.")
            .Line("epilogue = default;")
            .Line($"epilogue.OutputStride = {output.RowBytes};")
            .Line($"epilogue.OutputWidth = {one.Rows};");
        using var scope = writer.Block();
        writer.Line($"nint portions = {matrix.Experts * portions};").Line("pass.Team.Portions.Deal(worker, portions);");
        using var loop = writer.Block("for (nint portion; (portion = pass.Team.Portions.Take(worker, portions)) >= 0;)");
        writer
            .Line($"nint head = portion / {portions};")
            .Line($"nint tile = portion % {portions} * {PortionTiles};")
            .Line($"nint end = tile + {PortionTiles} < {tiles} ? tile + {PortionTiles} : {tiles};")
            .Line($"byte* headWeights = {context.Tensor(step.Matrix)} + head * {one.Length};")
            .Line($"epilogue.Output = {context.Buffers[step.Output]} + head * {one.Rows * sizeof(float)};");
        MatMulStatements.WriteKernels(
            context, new Product(one, input.Format, "Store", step.TokenTile, "headWeights", $"{context.Buffers[step.Input]} + head * {step.InputStride * sizeof(float)}", input.RowBytes, "tokens"));
    }

    public static void Store(StepContext context, LatentCacheStep step)
    {
        var cache = context.Plan.Cache;
        var size = context.Plan.Buffers[step.Query].Width / step.Heads;
        context.Writer.Line($"// {step.Name}: the ends of {step.Heads} query heads rotated, a latent of {cache.HeadSize} and a key of {cache.RotatedKey} into the cache.");
        CacheStatements.ForEachFormat(context, format =>
        {
            var kernel = context.Specializer.Request("LatentStore.Run", $"StoreLatents{format}", Constants(format, cache));
            return $"{kernel}(pass.Sequences, {context.Rows(step.Query)}, {step.Heads}, {size}, {context.Rows(step.Latent)}, {context.Rows(step.Key)},"
                + $" pass.Rotaries[{step.Rotary}], layer * {CachePlaces.LayerBytes(cache, format)}, {context.Rows(step.Output)}, scratch, first, last);";
        });
    }

    public static void Attend(StepContext context, LatentAttentionStep step)
    {
        var cache = context.Plan.Cache;
        context.Writer.Line($"// {step.Name}: {step.Heads} heads over latents of {cache.HeadSize} and rotated keys of {cache.RotatedKey}.");
        CacheStatements.ForEachFormat(context, format =>
        {
            var kernel = context.Specializer.Request("LatentAttention.Run", $"LatentAttention{format}", Constants(format, cache));
            return $"{kernel}(pass.Sequences, pass.SequenceCount, {context.Rows(step.Latent)}, {context.Rows(step.Rotated)}, {step.Heads}, {SourceWriter.Literal(step.Scale)},"
                + $" layer * {CachePlaces.LayerBytes(cache, format)}, {context.Rows(step.Output)}, scratch, worker, workers);";
        });
    }

    private static Dictionary<string, string> Constants(CacheFormat format, CacheShape cache) => new(StringComparer.Ordinal)
    {
        ["format"] = format.ToString(),
        ["rank"] = SourceWriter.Literal(cache.HeadSize),
        ["rotated"] = SourceWriter.Literal(cache.RotatedKey),
    };
}
