using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>Steps that touch the key-value cache. Its format is chosen when a model is loaded, so all three are there; of an encoder only its own.</summary>
internal static class CacheStatements
{
    public static void Store(StepContext context, CacheStep step)
    {
        var cache = context.Plan.CacheOf(step.IsKept);
        var (rotary, pairs) = step.Rotary < 0 ? ("null", 0) : ($"pass.Rotaries[{step.Rotary}]", context.Plan.Rotaries[step.Rotary].Pairs);
        context.Writer.Line(step.IsKept
            ? $"// {step.Name}: {cache.KeyValueHeads} keys and values of {cache.HeadSize} of each row, for queries of other rows."
            : $"// {step.Name}: {step.Heads} query heads rotated in place, {cache.KeyValueHeads} keys and values of {cache.HeadSize} into the cache.");
        if (step.Norms is { AfterRotary: true } && step.Rotary >= 0)
        {
            Rotate(context, step, step.QueryColumn, step.Heads, rotary, pairs);
            Rotate(context, step, step.KeyColumn, cache.KeyValueHeads, rotary, pairs);
            (rotary, pairs) = ("null", 0);
        }

        if (step.Norms is { } norms)
        {
            if (step.Heads > 0)
                Normalize(context, step, norms, step.QueryColumn, step.Heads, norms.QueryScale, norms.QueryShift);
            Normalize(context, step, norms, step.KeyColumn, cache.KeyValueHeads, norms.KeyScale, norms.KeyShift);
        }

        ForEachFormat(context, format =>
        {
            var unit = CachePlaces.UnitBytes(cache, format);
            var kernel = context.Specializer.Request("CacheStore.Run", $"StoreKeysAndValues{format}{OfSize(context, cache)}", Constants(format, cache));
            return $"{kernel}(pass.{(step.IsKept ? "Keeping" : "Sequences")}, {context.Rows(step.Buffer)}, {step.QueryColumn}, {step.KeyColumn}, {step.ValueColumn},"
                + $" {step.Heads}, {cache.KeyValueHeads}, {rotary}, {pairs}, layer * {cache.KeyValueHeads * unit}, {unit}, scratch, first, last);";
        }, step.IsKept);
    }

    public static void Attend(StepContext context, AttentionStep step)
    {
        var cache = context.Plan.CacheOf(step.IsKept);
        var activations = context.Plan.Buffers[step.Output].Format;
        context.Writer.Line($"// {step.Name}: {step.Heads} heads of {cache.HeadSize}{(step.IsKept ? ", over all that is kept" : string.Empty)}{(step.Window > 0 ? $", window {step.Window}" : string.Empty)}{(step.Chunk > 0 ? $", chunks of {step.Chunk}" : string.Empty)}{(step.Bias < 0 ? string.Empty : ", biased by distance")}{StepStatements.Suffix(activations)}.");
        var reach = step.Bias < 0 ? 0 : context.Tensors[step.Bias].Parts[0].Distances!.Reach;
        var (temperature, floor) = step.Temperature is { } growth ? ((float)growth.Scale, (float)growth.Floor) : (0f, 0f);
        ForEachFormat(context, format =>
        {
            var unit = CachePlaces.UnitBytes(cache, format);
            var constants = Constants(format, cache);
            constants["activations"] = activations.ToString();
            var name = $"{OfSize(context, cache)}Then{(activations == ActivationFormat.Float ? "Store" : activations)}";
            var kernel = context.Specializer.Request("Attention.Run", $"Attention{format}{name}", constants);
            var sequences = $"pass.{(step.IsKept ? "Kept" : "Sequences")}";
            var sight = $"{step.Window}, {(step.IsKept ? int.MaxValue : step.Ahead)}, {step.Chunk}";
            var attend = $"{kernel}({sequences}, pass.SequenceCount, {context.Rows(step.Input)}, {step.QueryColumn}, {step.Heads}, {cache.KeyValueHeads},"
                + $" {SourceWriter.Literal(step.Scale)}, {SourceWriter.Literal(step.Softcap)}, {sight}, {context.OptionalVector(step.Sinks)}, {context.OptionalVector(step.Bias)}, {reach}, {SourceWriter.Literal(temperature)}, {SourceWriter.Literal(floor)}, layer * {cache.KeyValueHeads * unit}, {unit}, {context.Rows(step.Output)}, scratch, worker, workers)";
            constants.Remove("format");
            var join = context.Specializer.Request("AttentionSplit.Join", $"JoinAttention{name}", constants);
            return $$"""
                if ({{attend}})
                {
                    pass.Team.Barrier(worker);
                    {{join}}({{sequences}}, {{step.Heads}}, {{cache.KeyValueHeads}}, {{sight}}, {{context.Rows(step.Output)}}, scratch, pass.ScratchBytes, worker, workers);
                }
                """;
        }, step.IsKept);
    }

    /// <summary>In the same rows as what follows, so without a barrier between.</summary>
    private static void Rotate(StepContext context, CacheStep step, int column, int heads, string rotary, int pairs)
    {
        var size = SourceWriter.Literal(context.Plan.Cache.HeadSize);
        var kernel = context.Specializer.Request("Rotation.Heads", "RotateHeads" + OfSize(context, context.Plan.Cache), new Dictionary<string, string>(StringComparer.Ordinal) { ["headSize"] = size });
        context.Writer.Line($"{kernel}(pass.Sequences, {context.Rows(step.Buffer)}, {column}, {heads}, {rotary}, {pairs}, first, last);");
    }

    private static void Normalize(StepContext context, CacheStep step, CacheNorms norms, int column, int heads, int scale, int shift)
    {
        var size = context.Plan.CacheOf(step.IsKept).HeadSize;
        var (count, length) = norms.Whole ? (1, heads * size) : (heads, size);
        Normalize(context, norms.Kind, step.Buffer, column, count, length, scale, shift, norms.Epsilon);
    }

    /// <summary>Norms heads from a column of a buffer on, in place; scale and shift are as long as a head or as all of them.</summary>
    public static void Normalize(StepContext context, NormKind kind, int buffer, int column, int heads, int size, int scale, int shift, float epsilon)
    {
        var stride = context.Tensors[scale].Columns == size ? 0 : size;
        var kernel = context.Specializer.Request("RowNorm.Heads", $"{kind}NormOfHeads", new Dictionary<string, string>(StringComparer.Ordinal) { ["norm"] = kind.ToString() });
        context.Writer.Line(
            $"{kernel}({context.Rows(buffer)}, {column}, {heads}, {size}, {context.Vector(scale)}, {context.OptionalVector(shift)}, {stride}, {SourceWriter.Literal(epsilon)}, first, last);");
    }

    /// <summary>Workers share columns, so that none waits for what another keeps.</summary>
    public static void Convolve(StepContext context, ConvolutionStep step)
    {
        var cache = context.Plan.Cache;
        var width = cache.ConvolutionWidth;
        var taps = context.Tensors[step.Taps].Columns / width;
        var blocks = PackedLayouts.Blocks(width);
        context.Writer.Line($"// {step.Name}: {taps} taps over {width} columns, whose products are kept in the cache.");
        ForEachFormat(context, format =>
        {
            var isHalf = format != CacheFormat.F32;
            var kernel = context.Specializer.Request(
                "ShortConvolution.Run", $"ShortConvolutionOf{(isHalf ? CacheFormat.F16 : CacheFormat.F32)}", new Dictionary<string, string>(StringComparer.Ordinal) { ["isHalf"] = isHalf ? "true" : "false" });
            return $"{kernel}(pass.Sequences, pass.SequenceCount, {context.Rows(step.Buffer)}, {step.BeforeColumn}, {step.AfterColumn}, {step.ValueColumn}, {width}, {context.Vector(step.Taps)}, {taps},"
                + $" {context.OptionalVector(step.Bias)}, {CachePlaces.ConvolutionOffset(cache, format)} + layer * {CachePlaces.ConvolutionBytes(cache, format)}, {context.Rows(step.Output)},"
                + $" Share({blocks}, worker, workers) * {PackedLayouts.Tile}, Share({blocks}, worker + 1, workers) * {PackedLayouts.Tile});";
        });
    }

    /// <summary>The statements for each format of the cache.</summary>
    public static void ForEachFormat(StepContext context, Func<CacheFormat, string> statements, bool isKept = false)
    {
        // What the part of a decoder keeps is its session's.
        if (context.Plan.IsEncoder && !(isKept && context.Plan.PartName is not null))
        {
            context.Writer.Lines(statements(context.Plan.Cache.DefaultFormat));
            return;
        }

        using var choice = context.Writer.Block("switch (pass.CacheFormat)");
        foreach (var format in new[] { CacheFormat.F16, CacheFormat.Int8, CacheFormat.F32 })
        {
            context.Writer.Line(format == CacheFormat.F32 ? "default:" : $"case {(int)format}:");
            using var section = context.Writer.Indent();
            context.Writer.Lines(statements(format)).Line("break;");
        }
    }

    /// <summary>Tells kernels for heads of one part from those for heads of another, where they differ.</summary>
    private static string OfSize(StepContext context, CacheShape cache) => context.Plan.Kept is { } kept && kept.HeadSize != cache.HeadSize ? $"Of{cache.HeadSize}" : string.Empty;

    private static Dictionary<string, string> Constants(CacheFormat format, CacheShape cache) => new(StringComparer.Ordinal)
    {
        ["format"] = format.ToString(),
        ["headSize"] = SourceWriter.Literal(cache.HeadSize),
    };
}
