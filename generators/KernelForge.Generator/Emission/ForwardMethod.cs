using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>The calls of a plan in order. Equal calls whose weights lie at equal distances become a loop.</summary>
internal static class ForwardMethod
{
    public static void Write(SourceWriter writer, Plan plan, bool timed)
    {
        writer.Line(plan.PartName is { } part ? $"/// <summary>A pass of the {part}; every worker calls it.</summary>" : "/// <summary>One forward pass; every worker calls it.</summary>");
        using var method = writer.Block($"internal static void {NameOf(plan)}(global::KernelForge.Runtime.ForwardPass pass, int worker)");
        foreach (var view in plan.Views().Skip(1))
        {
            using var choice = writer.Block($"if (pass.Part == {plan.Parts.ToList().FindIndex(other => other.Name == view.PartName) + 1})");
            writer.Line($"{NameOf(view)}(pass, worker);").Line("return;");
        }

        if (timed)
            writer.Line("pass.Clock.Start(worker);");
        for (var first = 0; first < plan.Calls.Count;)
        {
            var count = RunLength(plan, first);
            if (count == 1)
                Write(writer, plan, first, Weights(plan, first), plan.Calls[first].CacheLayer.ToString(System.Globalization.CultureInfo.InvariantCulture), LayerWatchCall.Of(plan, first, string.Empty));
            else
                WriteLoop(writer, plan, first, count);
            first += count;
        }
    }

    private static void WriteLoop(SourceWriter writer, Plan plan, int first, int count)
    {
        var stride = Offset(plan, first + 1) - Offset(plan, first);
        using var body = writer.Block($"for (nint i = 0; i < {count}; i++)");
        var from = plan.Calls[first].CacheLayer;
        var layer = plan.Calls[first + 1].CacheLayer == from ? $"{from}" : from == 0 ? "i" : $"{from} + i";
        Write(writer, plan, first, $"{Weights(plan, first)} + i * {stride}", layer, LayerWatchCall.Of(plan, first, " + i"));
    }

    private static void Write(SourceWriter writer, Plan plan, int call, string weights, string layer, string? watch)
    {
        using var choice = plan.IsOptional(plan.Calls[call]) ? writer.Block("if (pass.HasKept)") : (SourceWriter.Scope?)null;
        writer.Line($"{Method(plan, call)}(pass, worker, {weights}{Layer(plan, call, layer)});");
        if (watch is not null)
            writer.Line(watch);
    }

    private static string NameOf(Plan plan) => "Forward" + (plan.PartName is { } part ? Identifiers.Pascal(part) : string.Empty);

    private static string Method(Plan plan, int call) => KindMethod.NameOf(plan, plan.Calls[call].Kind);

    private static string Layer(Plan plan, int call, string text) => plan.Calls[call].CacheLayer < 0 ? string.Empty : ", " + text;

    private static string Weights(Plan plan, int call) => Offset(plan, call) == 0 ? "pass.Weights" : $"pass.Weights + {Offset(plan, call)}";

    private static long Offset(Plan plan, int call) => plan.Blocks[plan.Calls[call].Block].Offset;

    /// <summary>How many calls from here on differ only by a constant step of weights and cache layer.</summary>
    private static int RunLength(Plan plan, int first)
    {
        var count = 1;
        while (first + count < plan.Calls.Count && Continues(plan, first, first + count))
            count++;
        return count;
    }

    private static bool Continues(Plan plan, int first, int next)
    {
        var (a, b) = (plan.Calls[first], plan.Calls[next]);
        var step = plan.Calls[first + 1].CacheLayer - a.CacheLayer;
        return a.Kind == b.Kind
            && step is 0 or 1
            && b.CacheLayer == a.CacheLayer + ((next - first) * step)
            && Offset(plan, next) - Offset(plan, first) == (next - first) * (Offset(plan, first + 1) - Offset(plan, first));
    }
}
