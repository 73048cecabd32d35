using KernelForge.Generator.Specialization;
using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>The method of one kind of layer: its steps in order, on the weights of whichever layer calls it.</summary>
internal static class KindMethod
{
    /// <summary>Names that every method has; buffers must not take them.</summary>
    private static readonly string[] Taken = ["pass", "worker", "weights", "layer", "workers", "tokens", "first", "last", "scratch", "epilogue", "grain", "portions", "portion", "tile", "end", "mineFirst", "mineLast", "readEnds", "nextBegins", "mine", "stop", "afterwards", "nextPortion", "n", "sources", "used", "starts", "expert", "start", "count", "expertWeights", "head", "headWeights", "i"];

    public static string NameOf(Plan plan, int kind) =>
        "Run" + (plan.PartName is { } part ? Identifiers.Pascal(part) : string.Empty) + Identifiers.Unique(plan.Kinds.Select(item => Identifiers.Pascal(item.Name)))[kind];

    public static void Write(SourceWriter writer, Plan plan, int kind, Specializer specializer, bool timed)
    {
        var steps = plan.Kinds[kind].Steps;
        var buffers = Identifiers.Unique(plan.Buffers.Select(buffer => Identifiers.Camel(buffer.Name)), Taken);
        var isLayer = plan.Calls.First(call => call.Kind == kind).CacheLayer >= 0;
        writer.Line().Line($"/// <summary>{Summary(steps)}</summary>");
        using var method = writer.Block(
            $"private static void {NameOf(plan, kind)}(global::KernelForge.Runtime.ForwardPass pass, int worker, byte* weights{(isLayer ? ", nint layer" : string.Empty)})");

        writer
            .Line("nint workers = pass.Workers;")
            .Line("nint tokens = pass.Tokens;")
            .Line("nint first = Share(tokens, worker, workers);")
            .Line("nint last = Share(tokens, worker + 1, workers);")
            .Line("byte* scratch = pass.Scratch + worker * pass.ScratchBytes;");
        if (steps.Any(step => step is MatMulStep or ExpertMatMulStep or HeadMatMulStep))
            writer.Line("global::KernelForge.Runtime.EpilogueArguments epilogue;");
        foreach (var index in UsedBuffers(steps))
            writer.Line($"byte* {buffers[index]} = pass.Workspace{Offset(plan.Buffers[index])};");

        var context = new StepContext(plan, kind, PlanFacts.BlockOf(plan, kind).Tensors, buffers, specializer, writer);
        var number = plan.Kinds.Take(kind).Sum(other => other.Steps.Count);
        foreach (var step in steps)
        {
            if (step is not BarrierStep)
                writer.Line();
            StepStatements.Write(context, step);
            if (timed)
                writer.Line($"pass.Clock.Mark(worker, {number});");
            number++;
        }
    }

    private static string Offset(ActivationBuffer buffer) => buffer.OffsetPerToken == 0 ? string.Empty : $" + pass.Capacity * {buffer.OffsetPerToken}";

    private static string Summary(IReadOnlyList<Step> steps) =>
        string.Join(", ", steps.Where(step => step is not BarrierStep).Select(step => step.Name)) + ".";

    private static IEnumerable<int> UsedBuffers(IEnumerable<Step> steps) =>
        steps.SelectMany(StepAccesses.Buffers).Distinct().OrderBy(index => index);
}

/// <summary>What a step's statements are printed with.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Kind">The kind whose method this is.</param>
/// <param name="Tensors">Of the block that the kind runs on.</param>
/// <param name="Buffers">Names of the locals that point at the buffers.</param>
/// <param name="Specializer">Of this instruction set.</param>
/// <param name="Writer">Where they go.</param>
internal sealed record StepContext(
    Plan Plan, int Kind, EquatableArray<PackedTensor> Tensors, IReadOnlyList<string> Buffers, Specializer Specializer, SourceWriter Writer)
{
    /// <summary>A buffer and the bytes between its rows, as two arguments.</summary>
    public string Rows(int buffer) => $"{Buffers[buffer]}, {Plan.Buffers[buffer].RowBytes}";

    /// <summary>A pointer to a tensor of the block.</summary>
    public string Tensor(int tensor) => Tensors[tensor].Offset == 0 ? "weights" : $"weights + {Tensors[tensor].Offset}";

    /// <summary>A pointer to a vector of the block.</summary>
    public string Vector(int tensor) => Tensors[tensor].Offset == 0 ? "(float*)weights" : $"(float*)({Tensor(tensor)})";

    /// <summary>The same, or null where there is none.</summary>
    public string OptionalVector(int tensor) => tensor < 0 ? "null" : Vector(tensor);
}
