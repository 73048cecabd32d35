using System.Numerics;
using KernelForge.Graphs;
using KernelForge.Reference.Numerics;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference;

/// <summary>
/// Computes a graph in binary64, the whole sequence at once, with nothing quantized or cached: is the architecture right? Weights are the source's
/// exact values, fetched anew for every node, so that a model needs no more memory than its largest tensor.
/// </summary>
/// <param name="graph">As an architecture builds it, or after any of the compiler's passes.</param>
/// <param name="weights">All values of a tensor, row after row.</param>
public sealed partial class FloatInterpreter(ModelGraph graph, Func<string, float[]> weights)
{
    /// <summary>Called with each node and its value [tokens][width], for finding the first layer that differs.</summary>
    public Action<Node, double[][]>? Observe { get; init; }

    /// <summary>What the graph's other parts are given.</summary>
    public ModelInputs Inputs { get; init; } = new();

    /// <summary>Called with each matrix and the rows [tokens][columns] that it is about to be multiplied with, before its values are fetched; several matrices may get the same rows.</summary>
    public Action<LinearPart, double[][]>? ObserveInput { get; init; }

    /// <summary>The logits [rows][vocabulary] after each token, or after those in <paramref name="rows"/> only.</summary>
    public double[][] Forward(IReadOnlyList<int> tokens, IReadOnlyList<int>? rows = null) => Compute(tokens, rows)[graph.Nodes[^1].Id];

    /// <summary>What an encoder gives for a text, or for <see cref="Inputs"/> where it reads none, by name.</summary>
    public IReadOnlyDictionary<string, double[][]> Encode(IReadOnlyList<int> tokens)
    {
        var values = Compute(tokens, rows: null);
        return graph.Outputs.ToDictionary(output => output.Name, output => values[output.Node]);
    }

    /// <summary>Part by part, each once for everything that it is given; the one that reads the others comes last.</summary>
    private Dictionary<int, double[][]> Compute(IReadOnlyList<int> tokens, IReadOnlyList<int>? rows)
    {
        var values = new Dictionary<int, double[][]>();
        foreach (var part in graph.Nodes.GroupBy(node => node.Part).OrderBy(part => part.Key == 0).ThenBy(part => part.Key))
        {
            var input = graph.InputOf(part.Key);
            if (graph.IsOptional(part.Key) && !Inputs.Has(input))
                continue;
            var given = part.Key == 0 && input is GraphInput.Tokens ? [new GivenRows(tokens, [])] : Inputs.Of(input);
            var results = given.Select(item => Compute(part, item, values, rows)).ToList();
            foreach (var node in part)
                values[node.Id] = [.. results.SelectMany(result => result[node.Id])];
        }

        return values;
    }

    private Dictionary<int, double[][]> Compute(IGrouping<int, Node> nodes, GivenRows given, Dictionary<int, double[][]> others, IReadOnlyList<int>? rows)
    {
        var values = new Dictionary<int, double[][]>();
        var passedOver = nodes.Key == 0 ? LayersWithoutInput(others) : [];
        foreach (var node in nodes)
        {
            if (passedOver.Contains(node.Layer))
            {
                // All that it gives is the stream, as its first node reads it.
                values[node.Id] = values[nodes.First(first => first.Layer == node.Layer).Inputs[0]];
                continue;
            }

            var inputs = node.Inputs.Select(id => values.TryGetValue(id, out var own) ? own : others[id]).ToArray();
            if (rows is not null && node.Id == graph.Nodes[^1].Id)
                inputs = [.. inputs.Select(input => rows.Select(row => input[row]).ToArray())];
            var value = values[node.Id] = node switch
            {
                EmbeddingNode embedding => Embed(embedding, given.Tokens),
                PositionNode position => Rows(position.Table, Enumerable.Range(0, inputs.Length > 0 ? inputs[0].Length : given.Tokens.Count)),
                TokenTypeNode type => Rows(type.Table, given.Tokens.Select(_ => 0)),
                InputNode => given.Rows,
                ProbeNode probe => [Array.ConvertAll(Values(probe.Row), x => (double)x)],
                WindowNode window => Windows(window, inputs[0]),
                PixelShuffleNode shuffle => Shuffle(shuffle, inputs[0]),
                FusionNode fusion => Fuse(fusion, given.Tokens, inputs[0], inputs[1]),
                FirstTokenNode => inputs[0][..1],
                NormNode norm => Array.ConvertAll(inputs[0], Normalizer(norm.Norm, norm.Width)),
                LinearNode linear => Multiply(linear, inputs[0]),
                AttentionNode attention => Attend(attention, inputs),
                CrossAttentionNode cross => Attend(cross, inputs),
                KeepNode keep => Keep(keep, inputs),
                HeadNormNode norm => NormalizeHeads(norm, inputs[0]),
                KeptAttentionNode kept => Attend(kept, inputs),
                LatentAttentionNode latent => Attend(latent, inputs),
                ShortConvolutionNode convolution => Convolve(convolution, inputs),
                GateNode gate => Gate(gate, inputs),
                QuantizeNode => inputs[0],
                AddNode add => Add(add, inputs[0], inputs[1]),
                ActivationNode activation => Array.ConvertAll(inputs[0], row => Array.ConvertAll(row, x => Activate(activation.Activation, x))),
                MixtureNode mixture => Mix(mixture, inputs[0], inputs[1]),
                RowGateNode => [.. inputs[0].Zip(inputs[1], (row, gate) => Array.ConvertAll(row, x => x / (1.0 + Math.Exp(-gate[0]))))],
                SoftcapNode softcap => Array.ConvertAll(inputs[0], row => Array.ConvertAll(row, x => Cap(softcap.Softcap, x))),
                _ => throw new NotSupportedException($"The float interpreter knows no {node.GetType().Name}."),
            };
            Observe?.Invoke(node, value);
        }

        return values;
    }

    /// <summary>Layers that read a part which was given nothing.</summary>
    private HashSet<int> LayersWithoutInput(Dictionary<int, double[][]> others) => [.. graph.Nodes
        .Where(node => node is (CrossAttentionNode or KeptAttentionNode) && graph.Nodes.First(read => read.Id == node.Inputs[1]) is { Part: > 0 } read && !others.ContainsKey(read.Id))
        .Select(node => node.Layer)];

    private double[][] Add(AddNode node, double[][] stream, double[][] added)
    {
        var factor = node.Factor * (node.Gate is null ? 1.0 : Math.Tanh(Values(node.Gate)[0]));
        return [.. stream.Zip(added, (a, b) => a.Zip(b, (x, y) => x + (factor * y)).ToArray())];
    }

    private double[][] Embed(EmbeddingNode node, IReadOnlyList<int> tokens) =>
        Array.ConvertAll(Rows(node.Table, tokens), row => Array.ConvertAll(row, x => x * node.Factor));

    private double[][] Rows(Weight table, IEnumerable<int> rows)
    {
        var values = Values(table, isMatrix: true);
        return [.. rows.Select(row => Array.ConvertAll(values[(row * table.Columns)..((row + 1) * table.Columns)], x => (double)x))];
    }

    /// <summary>A weight's values, row after row, wherever they lie in their tensor.</summary>
    private float[] Values(Weight weight, bool isMatrix = false)
    {
        var stored = weights(weight.Tensor);
        var values = stored;
        if (weight.View is { } view)
        {
            // A vector is a column of rows.
            var (rows, columns) = weight.Rows == 1 && !isMatrix ? (weight.Columns, 1) : (weight.Rows, weight.Columns);
            values = new float[(long)rows * columns];
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                    values[(row * columns) + column] = stored[view.RowStart(row) + (column * view.ColumnStride)];
            }
        }

        return weight.Offset == 0 && weight.Factor == 1 ? values : Array.ConvertAll(values, x => (x + weight.Offset) * weight.Factor);
    }

    private Converter<double[], double[]> Normalizer(Norm norm, int width)
    {
        var scale = norm.Scale is null ? null : Values(norm.Scale);
        var shift = norm.Shift is null ? null : Values(norm.Shift);
        return row =>
        {
            var result = Normalize(norm, row.AsSpan(0, width));
            for (var i = 0; i < width; i++)
                result[i] = (result[i] * (scale?[i] ?? 1.0)) + (shift?[i] ?? 0.0);
            return result;
        };
    }

    private static double[] Normalize(Norm norm, ReadOnlySpan<double> row)
    {
        var values = row.ToArray();
        if (norm.Kind == NormKind.Layer)
        {
            var mean = values.Average();
            values = Array.ConvertAll(values, x => x - mean);
        }

        var factor = 1.0 / Math.Sqrt((values.Sum(x => x * x) / values.Length) + norm.Epsilon);
        return Array.ConvertAll(values, x => x * factor);
    }

    private double[][] Multiply(LinearNode node, double[][] input)
    {
        foreach (var part in node.Parts)
            ObserveInput?.Invoke(part, input);
        var order = PackedOrder.Of([.. node.Parts.Select(part => (part.Matrix.Rows, part.Order))], node.Interleaved);
        var matrices = node.Parts.Select(part => Values(part.Matrix, isMatrix: true)).ToArray();
        var biases = node.Parts.Select(part => part.Bias is null ? null : Values(part.Bias)).ToArray();
        var output = Array.ConvertAll(input, _ => new double[order.Length]);
        Parallel.For(0, order.Length, target =>
        {
            var (part, row) = order[target];
            if (part < 0)
                return;
            var columns = node.Parts[part].Matrix.Columns;
            var weight = new double[columns];
            for (var i = 0; i < columns; i++)
                weight[i] = matrices[part][((long)row * columns) + i];
            var bias = biases[part]?[row] ?? 0.0;
            for (var token = 0; token < input.Length; token++)
                output[token][target] = Dot(weight, input[token]) + bias;
        });
        return output;
    }

    private static double[][] Gate(GateNode node, double[][][] inputs) =>
        Array.ConvertAll(Enumerable.Range(0, inputs[0].Length).ToArray(), token =>
        {
            var result = new double[node.Width];
            for (var i = 0; i < result.Length; i++)
            {
                var (gate, up) = inputs.Length == 2
                    ? (inputs[0][token][i], inputs[1][token][i])
                    : (inputs[0][token][PackedOrder.InterleavedIndex(0, i)], inputs[0][token][PackedOrder.InterleavedIndex(1, i)]);
                result[i] = Activate(node.Activation, gate) * up;
            }

            return result;
        });

    private double[][] Convolve(ShortConvolutionNode node, double[][][] inputs)
    {
        if (inputs.Length == 1)
            inputs = [.. Enumerable.Range(0, 3).Select(part => Array.ConvertAll(inputs[0], row => row[(part * node.Width)..((part + 1) * node.Width)]))];
        var (taps, bias) = (Values(node.Taps, isMatrix: true), node.Bias is null ? null : Values(node.Bias));
        var length = node.Taps.Columns;
        return [.. inputs[0].Select((_, token) =>
        {
            var row = new double[node.Width];
            for (var i = 0; i < row.Length; i++)
            {
                var sum = bias?[i] ?? 0.0;
                for (var tap = Math.Max(0, length - 1 - token); tap < length; tap++)
                {
                    var source = token - length + 1 + tap;
                    sum += taps[(i * length) + tap] * inputs[0][source][i] * inputs[2][source][i];
                }

                row[i] = inputs[1][token][i] * sum;
            }

            return row;
        })];
    }

    private double[][] Mix(MixtureNode node, double[][] input, double[][] logits)
    {
        var correction = node.Routing.Correction is null ? null : Values(node.Routing.Correction);
        var choices = Array.ConvertAll(logits, row => ExpertChoice.Of(node.Routing, row, correction));
        var output = Array.ConvertAll(input, _ => new double[node.Width]);
        for (var index = 0; index < node.Experts.Count; index++)
        {
            var rows = Enumerable.Range(0, input.Length).Where(row => choices[row].ContainsKey(index)).ToArray();
            if (rows.Length == 0)
                continue;
            var expert = node.Experts[index];
            var scalesInput = node.Routing.ScalesInput;
            var values = Array.ConvertAll(rows, row => scalesInput ? Array.ConvertAll(input[row], x => x * choices[row][index]) : input[row]);
            var (gates, ups) = (Multiply(expert.Gate, values), Multiply(expert.Up, values));
            var hidden = gates.Zip(ups, (gate, up) => gate.Zip(up, (g, u) => Unit(node, g, u)).ToArray()).ToArray();
            var results = Multiply(expert.Down, hidden);
            for (var i = 0; i < rows.Length; i++)
            {
                for (var d = 0; d < node.Width; d++)
                    output[rows[i]][d] += (scalesInput ? 1 : choices[rows[i]][index]) * results[i][d];
            }
        }

        return output;
    }

    private static double Unit(MixtureNode node, double gate, double up)
    {
        if (node.Clamp is not { } clamp)
            return Activate(node.Activation, gate) * up;
        gate = Math.Min(gate, clamp.Limit);
        return gate / (1.0 + Math.Exp(-clamp.Slope * gate)) * (Math.Clamp(up, -clamp.Limit, clamp.Limit) + 1);
    }

    private double[][] Multiply(LinearPart part, double[][] input) => Multiply(
        new LinearNode(0, part.Name, 0, part.Matrix.Rows, default, EquatableArray.Create(part), Interleaved: false), input);

    private static double Cap(double softcap, double x) => softcap * Math.Tanh(x / softcap);

    private static double Activate(Activation activation, double x) => activation switch
    {
        Activation.Silu => x / (1.0 + Math.Exp(-x)),
        Activation.Gelu => 0.5 * x * (1.0 + ErrorFunction.Of(x / Math.Sqrt(2))),
        Activation.GeluTanh => 0.5 * x * (1.0 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        Activation.QuickGelu => x / (1.0 + Math.Exp(-1.702 * x)),
        Activation.Relu => Math.Max(x, 0),
        Activation.Tanh => Math.Tanh(x),
        Activation.SquaredRelu => Math.Max(x, 0) * Math.Max(x, 0),
        _ => throw new NotSupportedException($"The float interpreter knows no activation {activation}."),
    };

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var (sum0, sum1) = (Vector<double>.Zero, Vector<double>.Zero);
        var i = 0;
        for (; i + (2 * Vector<double>.Count) <= left.Length; i += 2 * Vector<double>.Count)
        {
            sum0 += new Vector<double>(left[i..]) * new Vector<double>(right[i..]);
            sum1 += new Vector<double>(left[(i + Vector<double>.Count)..]) * new Vector<double>(right[(i + Vector<double>.Count)..]);
        }

        var rest = 0.0;
        for (; i < left.Length; i++)
            rest += left[i] * right[i];
        return Vector.Sum(sum0 + sum1) + rest;
    }
}
