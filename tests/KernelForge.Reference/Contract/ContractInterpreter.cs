using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Contract;

/// <summary>
/// Runs a plan step by step in scalar code that follows docs/numerics.md: is the generated code right, bit for bit? It shares nothing with the
/// kernels and nothing with the packer, and gives every buffer memory of its own.
/// </summary>
/// <param name="weights">The plan and its tensors.</param>
public sealed class ContractInterpreter(ContractWeights weights)
{
    private readonly Dictionary<int, float[][]> _rotaries = [];

    /// <summary>Makes an interpreter for one plan.</summary>
    public ContractInterpreter(Plan plan, Func<string, SourceTensor> tensorBytes)
        : this(new ContractWeights(plan, tensorBytes))
    {
    }

    /// <summary>Called after every step that writes a buffer, with the call's block, the step and the rows it wrote.</summary>
    public Action<string, Step, float[][]>? Observe { get; init; }

    private Plan Plan => weights.Plan;

    /// <summary>An empty sequence whose cache has the given format, or the plan's.</summary>
    public ReferenceSequence NewSequence(CacheFormat? format = null) => new(Plan.Cache, format ?? Plan.Cache.DefaultFormat);

    /// <summary>The logits after each token of one new sequence.</summary>
    public float[][] Forward(params int[] tokens) => Forward([new ReferenceRows(NewSequence(), tokens)]);

    /// <summary>One pass over rows of one or several sequences, which grow by them. Gives [asked rows][vocabulary], in the order of the rows.</summary>
    public float[][] Forward(IReadOnlyList<ReferenceRows> rows)
    {
        var pass = new Pass(Plan, rows);
        float[][] logits = [];
        foreach (var call in Plan.Calls)
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
            case EmbedStep embed:
                var table = weights.Matrix(embed.Block, embed.Tensor);
                pass.Write(embed.Output, [.. pass.Tokens.Select(table.Decode)]);
                break;
            case NormStep norm:
                var scale = weights.Vector(call.Block, norm.Scale).AsSpan(0, Plan.Buffers[norm.Input].Width).ToArray();
                pass.Write(norm.Output, Array.ConvertAll(pass.Floats(norm.Input), row => RmsNorm.Apply(row, scale, norm.Epsilon)));
                break;
            case QuantizeStep quantize:
                pass.Write(quantize.Output, pass.Floats(quantize.Input));
                break;
            case SelectStep select:
                var input = pass.Floats(select.Input);
                pass.Write(select.Output, [.. pass.LogitRows.Select(row => input[row].ToArray())]);
                break;
            case CacheStep cache:
                Store(pass, call.CacheLayer, cache);
                break;
            case AttentionStep attention:
                pass.Write(attention.Output, Attend(pass, call.CacheLayer, attention));
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

    private float[][]? Multiply(Pass pass, int block, MatMulStep step)
    {
        var matrix = weights.Matrix(block, step.Matrix);
        var bias = step.Bias < 0 ? null : weights.Vector(block, step.Bias);
        var products = Products(pass, matrix, bias, step.Input);
        switch (step.Epilogue)
        {
            case Epilogue.Logits:
                return products;
            case Epilogue.Store:
                pass.WriteColumns(step.Output, step.OutputColumn, products, (_, y) => y);
                return null;
            case Epilogue.Residual:
                pass.WriteColumns(step.Output, step.OutputColumn, products, (x, y) => x + y);
                return null;
            case Epilogue.SwiGlu:
                var width = Plan.Buffers[step.Output].Width;
                pass.Write(step.Output, Array.ConvertAll(products, row => Gate(row, width)));
                return null;
            default:
                throw new NotSupportedException($"The contract interpreter knows no epilogue {step.Epilogue}.");
        }
    }

    /// <summary>[tokens][packed rows], the bias added.</summary>
    private static float[][] Products(Pass pass, ContractMatrix matrix, float[]? bias, int input)
    {
        var quantized = pass.IsQuantized(input);
        var floats = quantized ? [] : pass.Floats(input);
        var codes = quantized ? pass.Quantized(input) : [];
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

    private static float[] Gate(float[] row, int width)
    {
        var result = new float[width];
        for (var i = 0; i < width; i++)
            result[i] = Exponential.SwiGlu(row[PackedOrder.InterleavedIndex(0, i)], row[PackedOrder.InterleavedIndex(1, i)]);
        return result;
    }

    private void Store(Pass pass, int layer, CacheStep step)
    {
        var (heads, size) = (Plan.Cache.KeyValueHeads, Plan.Cache.HeadSize);
        var buffer = pass.Floats(step.Buffer);
        for (var row = 0; row < buffer.Length; row++)
        {
            var angles = step.Rotary < 0 ? [] : Rotary(step.Rotary)[pass.Positions[row]];
            for (var head = 0; head < step.Heads; head++)
                Numerics.Rotary.Rotate(buffer[row].AsSpan(step.QueryColumn + (head * size), size), angles);
            for (var head = 0; head < heads; head++)
            {
                var key = buffer[row].AsSpan(step.KeyColumn + (head * size), size).ToArray();
                Numerics.Rotary.Rotate(key, angles);
                pass.Sequences[row].Append(layer, head, key, buffer[row].AsSpan(step.ValueColumn + (head * size), size));
            }
        }
    }

    private float[][] Attend(Pass pass, int layer, AttentionStep step)
    {
        var size = Plan.Cache.HeadSize;
        var group = step.Heads / Plan.Cache.KeyValueHeads;
        var queries = pass.Floats(step.Input);
        var results = Array.ConvertAll(queries, _ => new float[step.Heads * size]);
        Parallel.For(0, step.Heads * queries.Length, unit =>
        {
            var (row, head) = (unit / step.Heads, unit % step.Heads);
            var (keys, values) = pass.Sequences[row].Read(layer, head / group);
            var query = queries[row].AsSpan(step.QueryColumn + (head * size), size);
            BlockAttention.Attend(query, keys, values, pass.Positions[row], step.Window, step.Scale).CopyTo(results[row], head * size);
        });
        return results;
    }

    private float[][] Rotary(int index)
    {
        if (!_rotaries.TryGetValue(index, out var table))
            _rotaries[index] = table = RotaryAngles.Table(Plan.Rotaries[index], Plan.Context, weights.Values);
        return table;
    }

    private static int OutputOf(Step step) => step switch
    {
        EmbedStep embed => embed.Output,
        NormStep norm => norm.Output,
        QuantizeStep quantize => quantize.Output,
        SelectStep select => select.Output,
        CacheStep cache => cache.Buffer,
        AttentionStep attention => attention.Output,
        _ => -1,
    };

    private void Report(Pass pass, Call call, Step step, int output, float[][]? logits) =>
        Observe?.Invoke(Plan.Blocks[call.Block].Name, step, logits ?? pass.Values(output));
}
