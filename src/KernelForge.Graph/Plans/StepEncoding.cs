using KernelForge.Graphs;

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
                writer.Real(embed.Factor);
                break;
            case NormStep norm:
                Start(writer, 1, step, norm.Input, norm.Scale, norm.Shift, norm.Output);
                writer.Real(norm.Epsilon);
                writer.Byte((int)norm.Kind);
                break;
            case QuantizeStep quantize:
                Start(writer, 2, step, quantize.Input, quantize.Output);
                break;
            case MatMulStep matmul:
                Start(writer, 3, step, matmul.Input, matmul.Matrix, matmul.Bias, matmul.Output, matmul.OutputColumn, matmul.TokenTile);
                writer.Byte((int)matmul.Epilogue);
                writer.Byte((int)matmul.Activation);
                writer.Real(matmul.Softcap);
                break;
            case CacheStep cache:
                Start(writer, 4, step, cache.Buffer, cache.QueryColumn, cache.KeyColumn, cache.ValueColumn, cache.Heads, cache.Rotary);
                writer.Flag(cache.Norms is not null);
                if (cache.Norms is { } norms)
                    Write(writer, norms);
                writer.Flag(cache.IsKept);
                break;
            case AttentionStep attention:
                Start(writer, 5, step, attention.Input, attention.QueryColumn, attention.Heads, attention.Window, attention.Output, attention.Sinks, attention.Chunk, attention.Ahead, attention.Bias);
                writer.Real(attention.Scale);
                writer.Real(attention.Softcap);
                writer.Flag(attention.Temperature is not null);
                if (attention.Temperature is { } temperature)
                {
                    writer.Real(temperature.Scale);
                    writer.Real(temperature.Floor);
                }

                writer.Flag(attention.IsKept);
                break;
            case SelectStep select:
                Start(writer, 6, step, select.Input, select.Output);
                break;
            case BarrierStep barrier:
                Start(writer, 7, step);
                writer.Flag(barrier.SeveralTokens);
                break;
            case LookupStep lookup:
                Start(writer, 8, step, lookup.Tensor, lookup.Output);
                writer.Byte((int)lookup.Key);
                break;
            case AddStep add:
                Start(writer, 9, step, add.Input, add.Output, add.Gate);
                writer.Real(add.Factor);
                break;
            case RouteStep route:
                Start(writer, 10, step, route.Logits, route.Correction, route.Output);
                Write(writer, route.Routing);
                break;
            case GatherStep gather:
                Start(writer, 11, step, gather.Input, gather.Routing, gather.Output);
                writer.Flag(gather.IsWeighted);
                break;
            case ExpertMatMulStep experts:
                Start(writer, 12, step, experts.Input, experts.Routing, experts.Matrix, experts.Bias, experts.Output, experts.TokenTile);
                writer.Byte((int)experts.Epilogue);
                writer.Byte((int)experts.Activation);
                writer.Flag(experts.Clamp is not null);
                if (experts.Clamp is { } clamp)
                {
                    writer.Real(clamp.Slope);
                    writer.Real(clamp.Limit);
                }

                break;
            case CombineStep combine:
                Start(writer, 13, step, combine.Input, combine.Routing, combine.Output);
                writer.Flag(combine.IsWeighted);
                break;
            case RowGateStep gate:
                Start(writer, 14, step, gate.Input, gate.Gate, gate.Output);
                break;
            case ConvolutionStep convolution:
                Start(
                    writer, 15, step, convolution.Buffer, convolution.BeforeColumn, convolution.AfterColumn, convolution.ValueColumn, convolution.Taps,
                    convolution.Bias, convolution.Output);
                break;
            case HeadMatMulStep heads:
                Start(writer, 16, step, heads.Input, heads.InputStride, heads.Matrix, heads.Output, heads.TokenTile);
                break;
            case LatentCacheStep latent:
                Start(writer, 17, step, latent.Query, latent.Heads, latent.Latent, latent.Key, latent.Rotary, latent.Output);
                break;
            case LatentAttentionStep latent:
                Start(writer, 18, step, latent.Latent, latent.Rotated, latent.Heads, latent.Output);
                writer.Real(latent.Scale);
                break;
            case OutputStep output:
                Start(writer, 19, step, output.Input, output.Output);
                break;
            case InputStep given:
                Start(writer, 20, step, given.Output);
                break;
            case ProbeStep probe:
                Start(writer, 21, step, probe.Tensor, probe.Output);
                break;
            case WindowStep window:
                Start(writer, 23, step, window.Input, window.Taps, window.Stride, window.Output);
                break;
            case HeadNormStep norm:
                Start(writer, 22, step, norm.Buffer, norm.Heads, norm.HeadSize, norm.Scale, norm.Shift);
                writer.Real(norm.Epsilon);
                writer.Byte((int)norm.Kind);
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
                return new EmbedStep(name, Next(), Next(), Next(), reader.Single());
            case 1:
                var (normInput, scale, shift, normOutput) = (Next(), Next(), Next(), Next());
                var epsilon = reader.Single();
                return new NormStep(name, reader.Enumeration<NormKind>(), normInput, scale, shift, epsilon, normOutput);
            case 2:
                return new QuantizeStep(name, Next(), Next());
            case 3:
                var (input, matrix, bias, output, column, tile) = (Next(), Next(), Next(), Next(), Next(), Next());
                return new MatMulStep(
                    name, input, matrix, bias, reader.Enumeration<Epilogue>(), output, column, tile, reader.Enumeration<Activation>(), reader.Single());
            case 4:
                return new CacheStep(name, Next(), Next(), Next(), Next(), Next(), Next(), reader.Flag() ? ReadNorms(reader) : null, reader.Flag());
            case 5:
                var (queries, first, heads, window, attended, sinks, chunk, ahead, distances) = (Next(), Next(), Next(), Next(), Next(), Next(), Next(), Next(), Next());
                return new AttentionStep(
                    name, queries, first, heads, reader.Single(), window, attended, reader.Single(), sinks, chunk, reader.Flag() ? new QueryTemperature(reader.Real(), reader.Real()) : null, ahead, reader.Flag(),
                    distances);
            case 6:
                return new SelectStep(name, Next(), Next());
            case 7:
                return new BarrierStep(name, reader.Flag());
            case 8:
                var (rowsOf, found) = (Next(), Next());
                return new LookupStep(name, reader.Enumeration<LookupKey>(), rowsOf, found);
            case 9:
                var (added, sum, gate) = (Next(), Next(), Next());
                return new AddStep(name, added, sum, reader.Single(), gate);
            case 10:
                return new RouteStep(name, Next(), Next(), Next(), ReadRouting(reader));
            case 11:
                return new GatherStep(name, Next(), Next(), Next(), reader.Flag());
            case 12:
                var (rows, routing, experts, shifts, results, tokens) = (Next(), Next(), Next(), Next(), Next(), Next());
                return new ExpertMatMulStep(
                    name, rows, routing, experts, shifts, reader.Enumeration<Epilogue>(), results, tokens, reader.Enumeration<Activation>(),
                    reader.Flag() ? new ClampedUnit(reader.Single(), reader.Single()) : null);
            case 13:
                return new CombineStep(name, Next(), Next(), Next(), reader.Flag());
            case 14:
                return new RowGateStep(name, Next(), Next(), Next());
            case 15:
                return new ConvolutionStep(name, Next(), Next(), Next(), Next(), Next(), Next(), Next());
            case 16:
                return new HeadMatMulStep(name, Next(), Next(), Next(), Next(), Next());
            case 17:
                return new LatentCacheStep(name, Next(), Next(), Next(), Next(), Next(), Next());
            case 18:
                var (absorbed, rotated, queryHeads, weighted) = (Next(), Next(), Next(), Next());
                return new LatentAttentionStep(name, absorbed, rotated, queryHeads, reader.Single(), weighted);
            case 19:
                return new OutputStep(name, Next(), Next());
            case 20:
                return new InputStep(name, Next());
            case 21:
                return new ProbeStep(name, Next(), Next());
            case 22:
                var (normed, normHeads, headSize, headScale, headShift) = (Next(), Next(), Next(), Next(), Next());
                var headEpsilon = reader.Single();
                return new HeadNormStep(name, reader.Enumeration<NormKind>(), normed, normHeads, headSize, headScale, headShift, headEpsilon);
            case 23:
                return new WindowStep(name, Next(), Next(), Next(), Next());
            default:
                throw reader.Damaged("there is no such step");
        }
    }

    private static void Write(PlanWriter writer, CacheNorms norms)
    {
        writer.Byte((int)norms.Kind);
        writer.Real(norms.Epsilon);
        writer.Flag(norms.Whole);
        writer.Flag(norms.AfterRotary);
        foreach (var tensor in new[] { norms.QueryScale, norms.QueryShift, norms.KeyScale, norms.KeyShift })
            writer.Integer(tensor);
    }

    private static CacheNorms ReadNorms(PlanReader reader) => new(
        reader.Enumeration<NormKind>(), reader.Single(), reader.Flag(), reader.Flag(), reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32());

    private static void Write(PlanWriter writer, Routing routing)
    {
        foreach (var number in new[] { routing.Active, routing.Groups, routing.ActiveGroups, routing.GroupScore })
            writer.Integer(number);
        writer.Byte((int)routing.Score);
        writer.Real(routing.LeastSum);
        writer.Real(routing.Scale);
        writer.Flag(routing.ScalesInput);
        writer.Real(routing.Margin);
    }

    private static Routing ReadRouting(PlanReader reader)
    {
        var (active, groups, activeGroups, groupScore) = (reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32());
        return new Routing(active, reader.Enumeration<RoutingScore>(), null, groups, activeGroups, groupScore, reader.Single(), reader.Single(), reader.Flag(), reader.Single());
    }

    private static void Start(PlanWriter writer, int kind, Step step, params int[] numbers)
    {
        writer.Byte(kind);
        writer.Text(step.Name);
        foreach (var number in numbers)
            writer.Integer(number);
    }
}
