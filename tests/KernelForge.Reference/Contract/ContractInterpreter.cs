using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Contract;

/// <summary>
/// Runs a plan step by step in scalar code that follows docs/numerics.md: is the generated code right, bit for bit? It shares nothing with the
/// kernels and nothing with the packer, and gives every buffer memory of its own.
/// </summary>
/// <param name="weights">The plan and its tensors.</param>
public sealed partial class ContractInterpreter(ContractWeights weights)
{
    /// <summary>Makes an interpreter for one plan.</summary>
    public ContractInterpreter(Plan plan, Func<string, SourceTensor> tensorBytes)
        : this(new ContractWeights(plan, tensorBytes))
    {
    }

    /// <summary>Called after every step that writes a buffer, with the call's block, the step and the rows it wrote.</summary>
    public Action<string, Step, float[][]>? Observe { get; init; }

    /// <summary>Called after every choice of experts, with the layer and the experts of each token.</summary>
    public Action<int, (int Expert, float Weight)[][]>? ObserveChoice { get; init; }

    private Plan Plan => weights.Plan;

    /// <summary>An empty sequence whose cache has the given format, or the plan's.</summary>
    public ReferenceSequence NewSequence(CacheFormat? format = null) => new(format ?? Plan.Cache.DefaultFormat);

    /// <summary>An empty sequence whose model has read a text.</summary>
    public ReferenceSequence NewSequence(CacheFormat? format, int[] input) => Read(format, input, null);

    /// <summary>An empty sequence whose model has read rows of numbers, or heard the frames of a sound.</summary>
    public ReferenceSequence NewSequence(CacheFormat? format, float[][] given) => Read(format, new int[given.Length * Plan.Parts[0].Context / Plan.Parts[0].Input.Most], given);

    /// <summary>The logits after each token of one new sequence.</summary>
    public float[][] Forward(params int[] tokens) => Forward([new ReferenceRows(NewSequence(), tokens)]);

    /// <summary>One pass over rows of one or several sequences, which grow by them. Gives [asked rows][vocabulary], in the order of the rows.</summary>
    public float[][] Forward(IReadOnlyList<ReferenceRows> rows) => Run(new Pass(Plan, rows), rows);

    /// <summary>What an encoder gives for one text, by name.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="types">A type for each token; none: all 0.</param>
    public IReadOnlyDictionary<string, float[][]> Encode(int[] tokens, params int[] types)
    {
        ReferenceRows[] rows = [new(NewSequence(), tokens)];
        var pass = new Pass(Plan, rows, types);
        Run(pass, rows);
        return pass.Outputs;
    }

    /// <summary>What an encoder gives for rows that a caller gives, by name.</summary>
    public IReadOnlyDictionary<string, float[][]> Encode(float[][] given)
    {
        ReferenceRows[] rows = [new(NewSequence(), new int[given.Length])];
        var pass = new Pass(Plan, rows, given: given);
        Run(pass, rows);
        return pass.Outputs;
    }

    private ReferenceSequence Read(CacheFormat? format, int[] input, float[][]? given)
    {
        var sequence = NewSequence(format);
        var view = Plan.View(0);
        ReferenceRows[] rows = [new(new ReferenceSequence(view.Cache.DefaultFormat) { Keeper = sequence }, input)];
        new ContractInterpreter(weights.Of(view)).Run(new Pass(view, rows, given: given), rows);
        return sequence;
    }

    private float[][] Run(Pass pass, IReadOnlyList<ReferenceRows> rows)
    {
        float[][] logits = [];
        foreach (var call in Plan.Calls.Where(call => rows.All(row => row.Sequence.HasRead) || !Plan.IsOptional(call)))
        {
            foreach (var step in Plan.Kinds[call.Kind].Steps)
            {
                if (Run(pass, call, step) is { } result)
                    logits = result;
            }
        }

        foreach (var row in rows)
            row.Sequence.Length += row.Tokens.Count;
        return logits;
    }

    private float[][]? Run(Pass pass, Call call, Step step)
    {
        switch (step)
        {
            case BarrierStep:
                return null;
            case RouteStep route:
                var correction = route.Correction < 0 ? null : weights.Vector(call.Block, route.Correction);
                pass.Routings[route.Output] = Array.ConvertAll(pass.Floats(route.Logits), row => ContractRouting.Choose(route.Routing, row, correction));
                ObserveChoice?.Invoke(call.CacheLayer, pass.Routings[route.Output]);
                return null;
            case GatherStep gather:
                Gather(pass, gather);
                break;
            case ExpertMatMulStep experts:
                MultiplyExperts(pass, call.Block, experts);
                break;
            case CombineStep combine:
                Combine(pass, combine);
                break;
            case RowGateStep gate:
                var gates = pass.Floats(gate.Gate);
                pass.Write(gate.Output, [.. pass.Floats(gate.Input).Select((row, i) => Array.ConvertAll(row, x => x * ContractRouting.Sigmoid(gates[i][0])))]);
                break;
            case EmbedStep embed:
                var table = weights.Matrix(embed.Block, embed.Tensor);
                pass.Write(embed.Output, [.. pass.Tokens.Select(token => Array.ConvertAll(table.Decode(token), x => x * embed.Factor))]);
                break;
            case LookupStep lookup:
                pass.Write(lookup.Output, [.. (lookup.Key == LookupKey.Position ? pass.Positions : pass.Types).Select(weights.Matrix(call.Block, lookup.Tensor).Decode)]);
                break;
            case InputStep given:
                pass.Write(given.Output, [.. pass.Given.Select(row => row.ToArray())]);
                break;
            case WindowStep window:
                pass.Write(window.Output, Windows(pass.Floats(window.Input), window));
                break;
            case ProbeStep probe:
                pass.Write(probe.Output, [.. pass.LogitRows.Select(_ => weights.Vector(call.Block, probe.Tensor).ToArray())]);
                break;
            case OutputStep output:
                pass.Outputs[Plan.Outputs[output.Output].Name] = [.. pass.Floats(output.Input).Select(row => row.ToArray())];
                return null;
            case NormStep norm:
                var normalize = Normalizer(norm.Kind, call.Block, norm.Scale, norm.Shift, norm.Epsilon);
                pass.Write(norm.Output, Array.ConvertAll(pass.Floats(norm.Input), row => normalize(row, 0)));
                break;
            case AddStep add:
                var added = pass.Floats(add.Input);
                var factor = add.Gate < 0 ? add.Factor : add.Factor * Activations.Apply(Activation.Tanh, weights.Vector(call.Block, add.Gate)[0]);
                pass.Write(add.Output, [.. pass.Floats(add.Output).Select((row, i) => row.Select((y, j) => MathF.FusedMultiplyAdd(added[i][j], factor, y)).ToArray())]);
                break;
            case HeadNormStep heads:
                var normalizeHead = Normalizer(heads.Kind, call.Block, heads.Scale, heads.Shift, heads.Epsilon);
                pass.Write(heads.Buffer, Array.ConvertAll(pass.Floats(heads.Buffer), row => row.Chunk(heads.HeadSize).SelectMany((head, i) => normalizeHead(head, i * heads.HeadSize)).ToArray()));
                break;
            case QuantizeStep quantize:
                pass.Write(quantize.Output, pass.Floats(quantize.Input));
                break;
            case SelectStep select:
                var input = pass.Floats(select.Input);
                pass.Write(select.Output, [.. pass.LogitRows.Select(row => input[row].ToArray())]);
                break;
            case CacheStep cache:
                Store(pass, call, cache);
                break;
            case AttentionStep attention:
                pass.Write(attention.Output, Attend(pass, call, attention));
                break;
            case HeadMatMulStep matmuls:
                pass.Write(matmuls.Output, MultiplyHeads(pass, call.Block, matmuls));
                break;
            case LatentCacheStep latent:
                pass.Write(latent.Output, Store(pass, call, latent));
                break;
            case LatentAttentionStep latent:
                pass.Write(latent.Output, Attend(pass, call.CacheLayer, latent));
                break;
            case ConvolutionStep convolution:
                pass.Write(convolution.Output, Convolve(pass, call, convolution));
                break;
            case MatMulStep multiply:
                var logits = Multiply(pass, call.Block, multiply);
                Report(pass, call, step, multiply.Output, logits);
                return logits;
            default:
                throw new NotSupportedException($"The contract interpreter knows no {step.GetType().Name}.");
        }

        Report(pass, call, step, OutputOf(step), null);
        return null;
    }

    /// <summary>The rows around every so many, value by value; zeros where there are none.</summary>
    private static float[][] Windows(float[][] rows, WindowStep step)
    {
        var around = Enumerable.Range(-(step.Taps / 2), step.Taps).ToArray();
        var middles = Enumerable.Range(0, rows.Length).Where(row => row % step.Stride == 0);
        return [.. middles.Select(middle => rows[0].SelectMany((_, i) => around.Select(offset => rows.ElementAtOrDefault(middle + offset)?[i] ?? 0f)).ToArray())];
    }

    private float[][]? Multiply(Pass pass, int block, MatMulStep step)
    {
        var matrix = weights.Matrix(block, step.Matrix);
        var bias = step.Bias < 0 ? null : weights.Vector(block, step.Bias);
        var products = Products(pass, matrix, bias, step.Input);
        switch (step.Epilogue)
        {
            case Epilogue.Logits:
                return step.Softcap == 0 ? products : Array.ConvertAll(products, row => Array.ConvertAll(row, x => Activations.Cap(step.Softcap, x)));
            case Epilogue.Activate:
                pass.WriteColumns(step.Output, step.OutputColumn, products, (_, y) => Activations.Apply(step.Activation, y));
                return null;
            case Epilogue.Store:
                pass.WriteColumns(step.Output, step.OutputColumn, products, (_, y) => y);
                return null;
            case Epilogue.Residual:
                pass.WriteColumns(step.Output, step.OutputColumn, products, (x, y) => x + y);
                return null;
            case Epilogue.Gate:
                var width = Plan.Buffers[step.Output].Width;
                pass.Write(step.Output, Array.ConvertAll(products, row => Gate(step.Activation, row, width)));
                return null;
            default:
                throw new NotSupportedException($"The contract interpreter knows no epilogue {step.Epilogue}.");
        }
    }

    /// <summary>[tokens][packed rows], the bias added; of all rows, or of some.</summary>
    private static float[][] Products(Pass pass, ContractMatrix matrix, float[]? bias, int input, int[]? rows = null)
    {
        var quantized = pass.IsQuantized(input);
        var floats = quantized ? [] : Some(pass.Floats(input));
        var codes = quantized ? Some(pass.Quantized(input)) : [];
        T[] Some<T>(T[] all) => rows is null ? all : Array.ConvertAll(rows, row => all[row]);
        var results = new float[quantized ? codes.Length : floats.Length][];
        for (var token = 0; token < results.Length; token++)
            results[token] = new float[matrix.Rows];
        Parallel.For(0, matrix.Rows, row =>
        {
            var values = quantized ? [] : matrix.Decode(row);
            for (var token = 0; token < results.Length; token++)
            {
                var total = quantized ? matrix.Multiply(row, codes[token]) : DotProduct.Float(values, floats[token]);
                results[token][row] = bias is null ? total : total + bias[row];
            }
        });
        return results;
    }

    private static float[] Gate(Activation activation, float[] row, int width, ClampedUnit? clamp = null)
    {
        var result = new float[width];
        for (var i = 0; i < width; i++)
        {
            var (gate, up) = (row[PackedOrder.InterleavedIndex(0, i)], row[PackedOrder.InterleavedIndex(1, i)]);
            result[i] = clamp is null ? Activations.Apply(activation, gate) * up : Activations.Clamped(clamp, gate, up);
        }

        return result;
    }

    /// <summary>Norms a row whose first value is the n-th of a longer one: a scale as long as the row serves every such part.</summary>
    private Func<float[], int, float[]> Normalizer(NormKind kind, int block, int scaleTensor, int shiftTensor, float epsilon)
    {
        var scale = weights.Vector(block, scaleTensor);
        var shift = shiftTensor < 0 ? [] : weights.Vector(block, shiftTensor);
        return (row, start) =>
        {
            var from = start % scale.Length;
            return kind == NormKind.Rms
                ? RmsNorm.Apply(row, scale.AsSpan(from, row.Length), epsilon)
                : LayerNorm.Apply(row, scale.AsSpan(from, row.Length), shift.AsSpan(from, row.Length), epsilon);
        };
    }

    private static int OutputOf(Step step) => step switch
    {
        EmbedStep embed => embed.Output,
        LookupStep lookup => lookup.Output,
        InputStep given => given.Output,
        WindowStep window => window.Output,
        ProbeStep probe => probe.Output,
        AddStep add => add.Output,
        HeadNormStep norm => norm.Buffer,
        GatherStep gather => gather.Output,
        ExpertMatMulStep experts => experts.Output,
        CombineStep combine => combine.Output,
        RowGateStep gate => gate.Output,
        NormStep norm => norm.Output,
        QuantizeStep quantize => quantize.Output,
        SelectStep select => select.Output,
        CacheStep cache => cache.Buffer,
        AttentionStep attention => attention.Output,
        ConvolutionStep convolution => convolution.Output,
        HeadMatMulStep heads => heads.Output,
        LatentCacheStep latent => latent.Output,
        LatentAttentionStep latent => latent.Output,
        _ => -1,
    };

    private void Report(Pass pass, Call call, Step step, int output, float[][]? logits) =>
        Observe?.Invoke(Plan.Blocks[call.Block].Name, step, logits ?? pass.Values(output));
}
