using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>Steps of a mixture of experts.</summary>
internal static class MixtureStatements
{
    public static void Route(StepContext context, RouteStep step)
    {
        var routing = step.Routing;
        var kernel = context.Specializer.Request(
            "Routing.Run", $"RouteBy{routing.Score}", new Dictionary<string, string>(StringComparer.Ordinal) { ["score"] = routing.Score.ToString() });
        var experts = context.Plan.Buffers[step.Logits].Width;
        context.Writer.Line($"// {step.Name}: {routing.Active} of {experts} experts.");
        using var one = context.Writer.Block("if (worker == workers - 1)");
        context.Writer
            .Line($"{kernel}({context.Rows(step.Logits)}, {context.OptionalVector(step.Correction)}, {experts}, {routing.Active}, {routing.Groups}, {routing.ActiveGroups}, {routing.GroupScore}, {SourceWriter.Literal(routing.LeastSum)}, {SourceWriter.Literal(routing.Scale)}, {SourceWriter.Literal(routing.Margin)}, (int*){context.Buffers[step.Output]}, tokens, scratch);");
        if (PlanFacts.Experts(context.Plan) is { Count: > 0 } counted)
        {
            context.Writer
                .Line($"for (nint i = 0; i < tokens * {routing.Active} && pass.ExpertCounts != null; i++)")
                .Line($"    pass.ExpertCounts[layer * {counted.Max()} + ((int*){context.Buffers[step.Output]})[i]]++;");
        }
    }

    public static void Gather(StepContext context, GatherStep step)
    {
        var (input, output) = (context.Plan.Buffers[step.Input], context.Plan.Buffers[step.Output]);
        context.Writer.Line($"// {step.Name}: every token's row once for each of its experts{(step.IsWeighted ? ", times its weight" : string.Empty)}.");
        if (step.IsWeighted)
        {
            var kernel = context.Specializer.Request(
                "ExpertSum.Weigh", $"WeighRowsThen{(output.IsQuantized ? output.Format : "Store")}", new Dictionary<string, string>(StringComparer.Ordinal) { ["activations"] = output.Format.ToString() });
            context.Writer.Line(
                $"{kernel}({context.Rows(step.Input)}, (int*){context.Buffers[step.Routing]}, tokens, {output.Rows}, {context.Buffers[step.Output]}, {output.RowBytes}, {input.Width}, first, last);");
            return;
        }

        using var scope = context.Writer.Block();
        context.Writer
            .Line($"int* sources = (int*){context.Buffers[step.Routing]} + 3 * tokens * {output.Rows};")
            .Line($"for (nint i = first * {output.Rows}; i < last * {output.Rows}; i++)")
            .Line($"    global::System.Buffer.MemoryCopy({context.Buffers[step.Input]} + sources[i] * {input.RowBytes}L, {context.Buffers[step.Output]} + i * {output.RowBytes}, {output.RowBytes}, {output.RowBytes});");
    }

    /// <summary>Workers take portions of all used experts' tiles.</summary>
    public static void Multiply(StepContext context, ExpertMatMulStep step)
    {
        var matrix = context.Tensors[step.Matrix];
        var one = matrix.Expert(0);
        var (input, output) = (context.Plan.Buffers[step.Input], context.Plan.Buffers[step.Output]);
        var tiles = PackedLayouts.Tiles(one);
        var grain = matrix.Interleaved ? 2 : 1;
        var each = (tiles + grain - 1) / grain;
        var writer = context.Writer;
        writer.Line($"// {step.Name}: {matrix.Experts} experts of {SourceWriter.Grouped(matrix.Rows)} x {SourceWriter.Grouped(matrix.Columns)} {matrix.Layout}, {SourceWriter.Grouped(one.Length)} bytes each.");
        writer.Line("epilogue = default;").Line($"epilogue.OutputStride = {output.RowBytes};").Line($"epilogue.OutputWidth = {output.Width};");
        if (step.Activation != Activation.Silu)
            writer.Line($"epilogue.Activation = {(int)step.Activation}; // {step.Activation}");
        if (step.Clamp is { } clamp)
            writer.Line($"epilogue.Limit = {SourceWriter.Literal(clamp.Limit)};").Line($"epilogue.Slope = {SourceWriter.Literal(clamp.Slope)};");
        using var scope = writer.Block();
        var hasMachineCode = MatMulStatements.HasMachineCode(context, one, input.Format);
        writer
            .Line($"nint n = tokens * {input.Rows};")
            .Line($"int* used = (int*){context.Buffers[step.Routing]} + 4 * n;")
            .Line("int* starts = used + n;")
            .Line($"nint portions = used[2 * n + 1] * {each};")
            .Line("pass.Team.Portions.Deal(worker, portions);");
        if (hasMachineCode)
        {
            writer
                .Line("nint mineFirst = Share(portions, worker, workers);")
                .Line("nint mineLast = Share(portions, worker + 1, workers);")
                .Line($"byte* afterwards = {NextProduct.Begin(context, step)};");
        }

        using var loop = writer.Block("for (nint portion; (portion = pass.Team.Portions.Take(worker, portions)) >= 0;)");
        writer
            .Line($"nint expert = portion / {each};")
            .Line($"nint tile = portion % {each} * {grain};")
            .Line($"nint end = tile + {grain} < {tiles} ? tile + {grain} : {tiles};")
            .Line("nint start = starts[expert];")
            .Line("nint count = starts[expert + 1] - start;")
            .Line($"byte* expertWeights = {context.Tensor(step.Matrix)} + used[expert] * {one.Length};")
            .Line($"epilogue.Output = {context.Buffers[step.Output]} + start * {output.RowBytes};");
        if (step.Bias >= 0)
            writer.Line($"epilogue.Bias = {context.Vector(step.Bias)} + used[expert] * {context.Tensors[step.Bias].Expert(0).Length / sizeof(float)};");
        if (hasMachineCode)
        {
            // What was taken from another worker's share ends with itself; his own goes on to the end of the expert, then with the next one's.
            writer
                .Line("bool mine = portion >= mineFirst && portion < mineLast;")
                .Line($"nint stop = !mine ? portion + 1 : (expert + 1) * {each} < mineLast ? (expert + 1) * {each} : mineLast;")
                .Line($"byte* readEnds = {context.Tensor(step.Matrix)} + used[expert] * {one.Length} + (stop - expert * {each}) * {grain * (one.Length / tiles)};")
                .Line($"byte* nextBegins = mine && stop < mineLast ? {context.Tensor(step.Matrix)} + used[expert + 1] * {one.Length} : afterwards;");
        }

        var epilogue = step.Epilogue == Epilogue.Store ? "Store" : output.IsQuantized ? $"Gate{output.Format}" : "Gate";
        MatMulStatements.WriteKernels(
            context, new Product(one, input.Format, epilogue, step.TokenTile, "expertWeights", $"{context.Buffers[step.Input]} + start * {input.RowBytes}", input.RowBytes, "count"));
    }

    public static void Combine(StepContext context, CombineStep step)
    {
        var (input, output) = (context.Plan.Buffers[step.Input], context.Plan.Buffers[step.Output]);
        var kernel = context.Specializer.Request(
            "ExpertSum.Run", step.IsWeighted ? "SumWeightedExperts" : "SumExperts",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["isWeighted"] = step.IsWeighted ? "true" : "false" });
        context.Writer
            .Line($"// {step.Name}: the {(step.IsWeighted ? "weighted sum" : "sum")} of what the experts gave.")
            .Line($"{kernel}({context.Buffers[step.Input]}, {input.RowBytes}, (int*){context.Buffers[step.Routing]}, tokens, {input.Rows}, {context.Rows(step.Output)}, {output.Width}, first, last);");
    }

    public static void Gate(StepContext context, RowGateStep step)
    {
        var kernel = context.Specializer.Request("ExpertSum.Gate", "GateRows", new Dictionary<string, string>(StringComparer.Ordinal));
        context.Writer
            .Line($"// {step.Name}.")
            .Line($"{kernel}({context.Rows(step.Input)}, {context.Rows(step.Gate)}, {context.Rows(step.Output)}, {context.Plan.Buffers[step.Output].Width}, first, last);");
    }
}
