using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>Steps that touch the key-value cache. Its format is chosen when a model is loaded, so all three are there.</summary>
internal static class CacheStatements
{
    private const int Positions = 64;

    public static void Store(StepContext context, CacheStep step)
    {
        var cache = context.Plan.Cache;
        var (rotary, pairs) = step.Rotary < 0 ? ("null", 0) : ($"pass.Rotaries[{step.Rotary}]", context.Plan.Rotaries[step.Rotary].Pairs);
        context.Writer.Line($"// {step.Name}: {step.Heads} query heads rotated in place, {cache.KeyValueHeads} keys and values of {cache.HeadSize} into the cache.");
        ForEachFormat(context, (format, unit) =>
        {
            var kernel = context.Specializer.Request("CacheStore.Run", $"StoreKeysAndValues{format}", Constants(format, cache));
            return $"{kernel}(pass.Sequences, pass.SequenceCount, {context.Rows(step.Buffer)}, {step.QueryColumn}, {step.KeyColumn}, {step.ValueColumn},"
                + $" {step.Heads}, {cache.KeyValueHeads}, {rotary}, {pairs}, layer * {cache.KeyValueHeads * unit}, {unit}, scratch, first, last);";
        });
    }

    public static void Attend(StepContext context, AttentionStep step)
    {
        var cache = context.Plan.Cache;
        var activations = context.Plan.Buffers[step.Output].Format;
        context.Writer.Line($"// {step.Name}: {step.Heads} heads of {cache.HeadSize}{(step.Window > 0 ? $", window {step.Window}" : string.Empty)}{StepStatements.Suffix(activations)}.");
        ForEachFormat(context, (format, unit) =>
        {
            var constants = Constants(format, cache);
            constants["activations"] = activations.ToString();
            var kernel = context.Specializer.Request("Attention.Run", $"Attention{format}Then{(activations == ActivationFormat.Float ? "Store" : activations)}", constants);
            return $"{kernel}(pass.Sequences, pass.SequenceCount, {context.Rows(step.Input)}, {step.QueryColumn}, {step.Heads}, {cache.KeyValueHeads},"
                + $" {SourceWriter.Literal(step.Scale)}, {step.Window}, layer * {cache.KeyValueHeads * unit}, {unit}, {context.Rows(step.Output)}, scratch, worker, workers);";
        });
    }

    /// <summary>Bytes of one head's keys and values in a page; the same as the run time's CachePages.UnitBytes.</summary>
    public static long UnitBytes(int headSize, CacheFormat format)
    {
        long values = 2L * headSize * Positions;
        return format switch
        {
            CacheFormat.F16 => values * sizeof(ushort),
            CacheFormat.Int8 => values + (2 * Positions * sizeof(float)),
            _ => values * sizeof(float),
        };
    }

    private static void ForEachFormat(StepContext context, Func<CacheFormat, long, string> call)
    {
        using var choice = context.Writer.Block("switch (pass.CacheFormat)");
        foreach (var format in new[] { CacheFormat.F16, CacheFormat.Int8, CacheFormat.F32 })
        {
            context.Writer.Line(format == CacheFormat.F32 ? "default:" : $"case {(int)format}:");
            using var section = context.Writer.Indent();
            context.Writer.Line(call(format, UnitBytes(context.Plan.Cache.HeadSize, format))).Line("break;");
        }
    }

    private static Dictionary<string, string> Constants(CacheFormat format, CacheShape cache) => new(StringComparer.Ordinal)
    {
        ["format"] = format.ToString(),
        ["headSize"] = SourceWriter.Literal(cache.HeadSize),
    };
}
