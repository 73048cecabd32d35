using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>The statements of one step: which kernel it asks for, and with what.</summary>
internal static class StepStatements
{
    public static void Write(StepContext context, Step step)
    {
        switch (step)
        {
            case EmbedStep embed:
                Embed(context, embed);
                break;
            case LookupStep lookup:
                Lookup(context, lookup);
                break;
            case InputStep input:
                Input(context, input);
                break;
            case WindowStep window:
                Windows(context, window);
                break;
            case ProbeStep probe:
                Probe(context, probe);
                break;
            case NormStep norm:
                Norm(context, norm);
                break;
            case HeadNormStep norm:
                Norm(context, norm);
                break;
            case AddStep add:
                Add(context, add);
                break;
            case QuantizeStep quantize:
                Quantize(context, quantize);
                break;
            case MatMulStep matmul:
                MatMulStatements.Write(context, matmul);
                break;
            case CacheStep cache:
                CacheStatements.Store(context, cache);
                break;
            case AttentionStep attention:
                CacheStatements.Attend(context, attention);
                break;
            case ConvolutionStep convolution:
                CacheStatements.Convolve(context, convolution);
                break;
            case HeadMatMulStep heads:
                LatentStatements.Multiply(context, heads);
                break;
            case LatentCacheStep latent:
                LatentStatements.Store(context, latent);
                break;
            case LatentAttentionStep latent:
                LatentStatements.Attend(context, latent);
                break;
            case SelectStep select:
                Select(context, select);
                break;
            case OutputStep output:
                Output(context, output);
                break;
            case RouteStep route:
                MixtureStatements.Route(context, route);
                break;
            case GatherStep gather:
                MixtureStatements.Gather(context, gather);
                break;
            case ExpertMatMulStep experts:
                MixtureStatements.Multiply(context, experts);
                break;
            case CombineStep combine:
                MixtureStatements.Combine(context, combine);
                break;
            case RowGateStep gate:
                MixtureStatements.Gate(context, gate);
                break;
            case BarrierStep { SeveralTokens: true }:
                context.Writer.Line("if (tokens > 1)").Line("    pass.Team.Barrier(worker);");
                break;
            case BarrierStep:
                context.Writer.Line("pass.Team.Barrier(worker);");
                break;
            default:
                throw new NotSupportedException($"No statements are known for {step.GetType().Name}.");
        }
    }

    /// <summary>How a comment tells that a result is quantized at once.</summary>
    public static string Suffix(ActivationFormat format) => format == ActivationFormat.Float ? string.Empty : $", as {format}";

    private static Dictionary<string, string> Constants(ActivationFormat format) => new(StringComparer.Ordinal) { ["activations"] = format.ToString() };

    private static void Embed(StepContext context, EmbedStep step)
    {
        var block = context.Plan.Blocks[step.Block];
        var table = block.Tensors[step.Tensor];
        var kernel = context.Specializer.Request(
            "Embedding.Gather", $"Gather{table.Layout}", new Dictionary<string, string>(StringComparer.Ordinal) { ["layout"] = table.Layout.ToString() });
        context.Writer
            .Line($"// {step.Name}: rows of {block.Name}'s {table.Name}.")
            .Line($"{kernel}(pass.Weights + {block.Offset + table.Offset}, {table.Columns}, pass.TokenIds, first, last, {context.Rows(step.Output)}, {SourceWriter.Literal(step.Factor)});");
    }

    private static void Lookup(StepContext context, LookupStep step)
    {
        var table = context.Tensors[step.Tensor];
        var kernel = context.Specializer.Request(
            "Embedding.Gather", $"Gather{table.Layout}", new Dictionary<string, string>(StringComparer.Ordinal) { ["layout"] = table.Layout.ToString() });
        context.Writer
            .Line($"// {step.Name}: rows of {table.Name}.")
            .Line($"{kernel}({context.Tensor(step.Tensor)}, {table.Columns}, pass.{(step.Key == LookupKey.Position ? "Positions" : "TokenTypes")}, first, last, {context.Rows(step.Output)}, 1f);");
    }

    private static void Add(StepContext context, AddStep step)
    {
        var kernel = context.Specializer.Request(step.Gate < 0 ? "RowSum.Add" : "RowSum.AddGated", step.Gate < 0 ? "AddRows" : "AddGatedRows", new Dictionary<string, string>(StringComparer.Ordinal));
        var gate = step.Gate < 0 ? string.Empty : $"{context.Vector(step.Gate)}, ";
        context.Writer
            .Line($"// {step.Name}{(step.Gate < 0 ? string.Empty : ", through a gate")}.")
            .Line($"{kernel}({context.Rows(step.Input)}, {context.Rows(step.Output)}, {context.Plan.Buffers[step.Input].Width}, {SourceWriter.Literal(step.Factor)}, {gate}first, last);");
    }

    private static void Norm(StepContext context, HeadNormStep step)
    {
        context.Writer.Line($"// {step.Name}: {step.Heads} heads of {step.HeadSize}, in place.");
        CacheStatements.Normalize(context, step.Kind, step.Buffer, 0, step.Heads, step.HeadSize, step.Scale, step.Shift, step.Epsilon);
    }

    private static void Norm(StepContext context, NormStep step)
    {
        var buffer = context.Plan.Buffers[step.Output];
        var constants = new Dictionary<string, string>(StringComparer.Ordinal) { ["norm"] = step.Kind.ToString() };
        var name = step.Kind + "Norm";
        if (buffer.IsQuantized)
            constants["activations"] = buffer.Format.ToString();
        var kernel = buffer.IsQuantized
            ? context.Specializer.Request("RowNorm.Quantize", $"{name}Then{buffer.Format}", constants)
            : context.Specializer.Request("RowNorm.Store", name, constants);
        context.Writer
            .Line($"// {step.Name}{Suffix(buffer.Format)}.")
            .Line($"{kernel}({context.Rows(step.Input)}, {context.Vector(step.Scale)}, {context.OptionalVector(step.Shift)}, {context.Rows(step.Output)}, {context.Plan.Buffers[step.Input].Width}, {SourceWriter.Literal(step.Epsilon)}, first, last);");
    }

    private static void Quantize(StepContext context, QuantizeStep step)
    {
        var format = context.Plan.Buffers[step.Output].Format;
        var kernel = context.Specializer.Request("Quantization.Rows", $"Quantize{format}", Constants(format));
        context.Writer
            .Line($"// {step.Name}.")
            .Line($"{kernel}({context.Rows(step.Input)}, {context.Rows(step.Output)}, {context.Plan.Buffers[step.Input].Width}, first, last);");
    }

    /// <summary>From here on the method works on other rows, if there are any.</summary>
    private const string ChosenRows = """
        tokens = pass.LogitCount;
        if (tokens == 0)
            return;
        """;

    /// <summary>Those of a worker, where the method's rows have changed.</summary>
    private const string OwnRows = """
        first = Share(tokens, worker, workers);
        last = Share(tokens, worker + 1, workers);
        """;

    private static void Input(StepContext context, InputStep step)
    {
        var buffer = context.Plan.Buffers[step.Output];
        var bytes = buffer.Width * sizeof(float);
        context.Writer
            .Line($"// {step.Name}: the rows that the caller gives{(buffer.Rows > 1 ? $", {buffer.Rows} for each of the pass" : string.Empty)}.");
        if (buffer.Rows > 1)
            context.Writer.Line($"tokens = {RowsOf(buffer)};").Lines(OwnRows);
        context.Writer
            .Line("for (nint i = first; i < last; i++)")
            .Line($"    global::System.Buffer.MemoryCopy(pass.Given + i * {buffer.Width}, {context.Buffers[step.Output]} + i * {buffer.RowBytes}, {bytes}, {bytes});");
    }

    private static void Windows(StepContext context, WindowStep step)
    {
        var (input, output) = (context.Plan.Buffers[step.Input], context.Plan.Buffers[step.Output]);
        var kernel = context.Specializer.Request("Windows.Gather", "GatherWindows", new Dictionary<string, string>(StringComparer.Ordinal));
        context.Writer.Line($"// {step.Name}: {(step.Stride > 1 ? $"every {step.Stride}. row" : "each row")} among {step.Taps}.");
        if (step.Stride > 1)
            context.Writer.Line($"tokens = {RowsOf(output)};").Lines(OwnRows);
        context.Writer.Line($"{kernel}({context.Rows(step.Input)}, {RowsOf(input)}, {context.Rows(step.Output)}, {input.Width}, {step.Taps}, {step.Stride}, first, last);");
    }

    /// <summary>How many rows a buffer has in a pass.</summary>
    private static string RowsOf(ActivationBuffer buffer) => buffer.Rows > 1 ? $"pass.Tokens * {buffer.Rows}" : "pass.Tokens";

    /// <summary>From here on the method works on a row for each text or image, which are all alike.</summary>
    private static void Probe(StepContext context, ProbeStep step)
    {
        var buffer = context.Plan.Buffers[step.Output];
        context.Writer
            .Line($"// {step.Name}: a row that the model has learned, if a pooled value is asked for.")
            .Lines(ChosenRows)
            .Lines(OwnRows)
            .Line("for (nint i = first; i < last; i++)")
            .Line($"    global::System.Buffer.MemoryCopy({context.Vector(step.Tensor)}, {context.Buffers[step.Output]} + i * {buffer.BytesPerToken}, {buffer.BytesPerToken}, {buffer.BytesPerToken});");
    }

    /// <summary>From here on the method works on the selected rows only.</summary>
    private static void Select(StepContext context, SelectStep step)
    {
        var (input, output) = (context.Plan.Buffers[step.Input], context.Plan.Buffers[step.Output]);
        context.Writer
            .Line($"// {step.Name}: only {(context.Plan.IsEncoder ? "the first row of each text, if a pooled value is asked for" : "rows whose logits somebody asked for")}.")
            .Lines(ChosenRows)
            .Lines(OwnRows)
            .Line("for (nint i = first; i < last; i++)")
            .Line($"    global::System.Buffer.MemoryCopy({context.Buffers[step.Input]} + pass.LogitRows[i] * {input.BytesPerToken}L, {context.Buffers[step.Output]} + i * {output.BytesPerToken}, {output.BytesPerToken}, {output.BytesPerToken});");
    }

    private static void Output(StepContext context, OutputStep step)
    {
        var (input, bytes) = (context.Plan.Buffers[step.Input], context.Plan.Outputs[step.Output].Width * sizeof(float));
        context.Writer
            .Line($"// {step.Name}, if it is asked for.")
            .Line($"for (nint i = first; pass.Outputs[{step.Output}] != null && i < last; i++)")
            .Line($"    global::System.Buffer.MemoryCopy({context.Buffers[step.Input]} + i * {input.BytesPerToken}, pass.Outputs[{step.Output}] + i * {bytes}, {bytes}, {bytes});");
    }
}
