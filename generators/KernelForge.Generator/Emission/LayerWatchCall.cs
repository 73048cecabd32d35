using System.Globalization;
using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>The question after a layer whether what it left is finite; asked only of a pass that is run again because its logits were not.</summary>
internal static class LayerWatchCall
{
    /// <summary>The statement after a call, or null where the call leaves no row of floats, as the head does.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="call">The call, of a loop its first.</param>
    /// <param name="turn">What is added to the layer's number in a loop.</param>
    public static string? Of(Plan plan, int call, string turn)
    {
        if (LastRows(plan, plan.Calls[call].Kind) is not { } rows)
            return null;
        // "Layer 3" is the block's name; what has no weights of its own runs on another's block, as an embedding whose table is the head's.
        var (name, kind) = (plan.Blocks[plan.Calls[call].Block].Name, plan.Kinds[plan.Calls[call].Kind].Name);
        var space = name.LastIndexOf(' ');
        var isOwn = space >= 0 && kind.StartsWith(name.Substring(0, space).Split(' ').Last(), StringComparison.Ordinal);
        if (!int.TryParse(isOwn ? name.Substring(space + 1) : string.Empty, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            (number, name) = (-1, kind);
        else
            name = name.Substring(0, space);
        return $"pass.Watch?.After(pass, worker, {SourceWriter.Quoted(name)}, {(number < 0 ? "-1" : number + turn)}, {rows.OffsetPerToken}, {rows.BytesPerToken}, {rows.Width});";
    }

    /// <summary>The floats that a kind of layer writes last: the stream that the next one reads.</summary>
    private static ActivationBuffer? LastRows(Plan plan, int kind)
    {
        var steps = plan.Kinds[kind].Steps;
        if (steps.Any(step => step is MatMulStep { Epilogue: Epilogue.Logits }))
            return null;
        var tensors = PlanFacts.BlockOf(plan, kind).Tensors;
        return steps.Reverse()
            .SelectMany(step => StepAccesses.Of(step, plan, tensors).Where(access => access.IsWrite && access.Buffer >= 0))
            .Select(access => plan.Buffers[access.Buffer])
            .FirstOrDefault(buffer => buffer.Format == ActivationFormat.Float && buffer.Rows == 1);
    }
}
