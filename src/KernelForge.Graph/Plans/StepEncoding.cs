namespace KernelForge.Plans;

/// <summary>Steps in the encoding of a plan.</summary>
internal static class StepEncoding
{
    public static void Write(PlanWriter writer, Step step)
    {
        switch (step)
        {
            case EmbedStep embed:
                Start(writer, 0, step, embed.Block, embed.Tensor, embed.Output);
                break;
            case NormStep norm:
                Start(writer, 1, step, norm.Input, norm.Scale, norm.Output);
                writer.Real(norm.Epsilon);
                break;
            case QuantizeStep quantize:
                Start(writer, 2, step, quantize.Input, quantize.Output);
                break;
            case MatMulStep matmul:
                Start(writer, 3, step, matmul.Input, matmul.Matrix, matmul.Bias, matmul.Output, matmul.OutputColumn, matmul.TokenTile);
                writer.Byte((int)matmul.Epilogue);
                break;
            case CacheStep cache:
                Start(writer, 4, step, cache.Buffer, cache.QueryColumn, cache.KeyColumn, cache.ValueColumn, cache.Heads, cache.Rotary);
                break;
            case AttentionStep attention:
                Start(writer, 5, step, attention.Input, attention.QueryColumn, attention.Heads, attention.Window, attention.Output);
                writer.Real(attention.Scale);
                break;
            case SelectStep select:
                Start(writer, 6, step, select.Input, select.Output);
                break;
            case BarrierStep:
                Start(writer, 7, step);
                break;
            default:
                throw new NotSupportedException($"A step of the kind {step.GetType().Name} has no encoding: only finished plans are encoded.");
        }
    }

    public static Step Read(PlanReader reader)
    {
        var kind = reader.Byte();
        var name = reader.Text();
        int Next() => reader.Int32();
        switch (kind)
        {
            case 0:
                return new EmbedStep(name, Next(), Next(), Next());
            case 1:
                var (normInput, scale, normOutput) = (Next(), Next(), Next());
                return new NormStep(name, normInput, scale, reader.Single(), normOutput);
            case 2:
                return new QuantizeStep(name, Next(), Next());
            case 3:
                var (input, matrix, bias, output, column, tile) = (Next(), Next(), Next(), Next(), Next(), Next());
                return new MatMulStep(name, input, matrix, bias, reader.Enumeration<Epilogue>(), output, column, tile);
            case 4:
                return new CacheStep(name, Next(), Next(), Next(), Next(), Next(), Next());
            case 5:
                var (queries, first, heads, window, attended) = (Next(), Next(), Next(), Next(), Next());
                return new AttentionStep(name, queries, first, heads, reader.Single(), window, attended);
            case 6:
                return new SelectStep(name, Next(), Next());
            case 7:
                return new BarrierStep(name);
            default:
                throw reader.Damaged("there is no such step");
        }
    }

    private static void Start(PlanWriter writer, int kind, Step step, params int[] numbers)
    {
        writer.Byte(kind);
        writer.Text(step.Name);
        foreach (var number in numbers)
            writer.Integer(number);
    }
}
