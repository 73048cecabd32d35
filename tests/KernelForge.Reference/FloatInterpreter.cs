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
public sealed class FloatInterpreter(ModelGraph graph, Func<string, float[]> weights)
{
    /// <summary>Called with each node and its value [tokens][width], for finding the first layer that differs.</summary>
    public Action<Node, double[][]>? Observe { get; init; }

    /// <summary>The logits [rows][vocabulary] after each token, or after those in <paramref name="rows"/> only.</summary>
    public double[][] Forward(IReadOnlyList<int> tokens, IReadOnlyList<int>? rows = null)
    {
        var values = new Dictionary<int, double[][]>();
        double[][] last = [];
        foreach (var node in graph.Nodes)
        {
            var inputs = node.Inputs.Select(id => values[id]).ToArray();
            if (rows is not null && node.Id == graph.Nodes[^1].Id)
                inputs = [.. inputs.Select(input => rows.Select(row => input[row]).ToArray())];
            last = values[node.Id] = node switch
            {
                EmbeddingNode embedding => Embed(embedding, tokens),
                RmsNormNode norm => Norm(norm, inputs[0]),
                LinearNode linear => Multiply(linear, inputs[0]),
                AttentionNode attention => Attend(attention, inputs),
                GateNode gate => Gate(gate, inputs),
                QuantizeNode => inputs[0],
                AddNode => [.. inputs[0].Zip(inputs[1], (a, b) => a.Zip(b, (x, y) => x + y).ToArray())],
                _ => throw new NotSupportedException($"The float interpreter knows no {node.GetType().Name}."),
            };
            Observe?.Invoke(node, last);
        }

        return last;
    }

    private double[][] Embed(EmbeddingNode node, IReadOnlyList<int> tokens)
    {
        var table = weights(node.Table.Tensor);
        return [.. tokens.Select(token => Array.ConvertAll(table[(token * node.Width)..((token + 1) * node.Width)], x => (double)x))];
    }

    private double[][] Norm(RmsNormNode node, double[][] input)
    {
        var scale = weights(node.Scale.Tensor);
        return Array.ConvertAll(input, row =>
        {
            var factor = 1.0 / Math.Sqrt((row.Sum(x => x * x) / row.Length) + node.Epsilon);
            return row.Select((x, i) => x * factor * scale[i]).ToArray();
        });
    }

    private double[][] Multiply(LinearNode node, double[][] input)
    {
        var order = PackedOrder.Of([.. node.Parts.Select(part => (part.Matrix.Rows, part.Order, part.HeadSize))], node.Interleaved);
        var matrices = node.Parts.Select(part => weights(part.Matrix.Tensor)).ToArray();
        var biases = node.Parts.Select(part => part.Bias is null ? null : weights(part.Bias.Tensor)).ToArray();
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

    private double[][] Attend(AttentionNode node, double[][][] inputs)
    {
        var queryWidth = node.Heads * node.HeadSize;
        var keyWidth = node.KeyValueHeads * node.HeadSize;
        double[][] Columns(int input, int from, int count) => Array.ConvertAll(inputs[input], row => row[from..(from + count)]);
        var (queries, keys, values) = inputs.Length == 3
            ? (Columns(0, 0, queryWidth), Columns(1, 0, keyWidth), Columns(2, 0, keyWidth))
            : (Columns(0, 0, queryWidth), Columns(0, queryWidth, keyWidth), Columns(0, queryWidth + keyWidth, keyWidth));
        Rotate(node, queries);
        Rotate(node, keys);

        var output = Array.ConvertAll(queries, _ => new double[queryWidth]);
        Parallel.For(0, node.Heads, head =>
        {
            var query = head * node.HeadSize;
            var key = head / (node.Heads / node.KeyValueHeads) * node.HeadSize;
            for (var token = 0; token < queries.Length; token++)
            {
                var first = node.Window == 0 ? 0 : Math.Max(0, token - node.Window + 1);
                var scores = new double[token - first + 1];
                for (var p = first; p <= token; p++)
                    scores[p - first] = node.Scale * Dot(queries[token].AsSpan(query, node.HeadSize), keys[p].AsSpan(key, node.HeadSize));
                var largest = scores.Max();
                var sum = scores.Sum(score => Math.Exp(score - largest));
                for (var p = first; p <= token; p++)
                {
                    var weight = Math.Exp(scores[p - first] - largest) / sum;
                    for (var d = 0; d < node.HeadSize; d++)
                        output[token][query + d] += weight * values[p][key + d];
                }
            }
        });
        return output;
    }

    private void Rotate(AttentionNode node, double[][] rows)
    {
        if (node.Rotary < 0)
            return;
        var table = graph.Rotaries[node.Rotary];
        var angles = RotaryAngles.Table(table, rows.Length, name => weights(name));
        var (stride, distance) = node.AdjacentPairs ? (2, 1) : (1, table.Pairs);
        for (var position = 0; position < rows.Length; position++)
        {
            for (var head = 0; head < rows[position].Length; head += node.HeadSize)
            {
                for (var pair = 0; pair < table.Pairs; pair++)
                {
                    var (cosine, sine) = (angles[position][2 * pair], angles[position][(2 * pair) + 1]);
                    ref var a = ref rows[position][head + (pair * stride)];
                    ref var b = ref rows[position][head + (pair * stride) + distance];
                    (a, b) = ((a * cosine) - (b * sine), (a * sine) + (b * cosine));
                }
            }
        }
    }

    private static double[][] Gate(GateNode node, double[][][] inputs)
    {
        if (node.Activation != Activation.Silu)
            throw new NotSupportedException($"The float interpreter knows no activation {node.Activation}.");
        return Array.ConvertAll(Enumerable.Range(0, inputs[0].Length).ToArray(), token =>
        {
            var result = new double[node.Width];
            for (var i = 0; i < result.Length; i++)
            {
                var (gate, up) = inputs.Length == 2
                    ? (inputs[0][token][i], inputs[1][token][i])
                    : (inputs[0][token][PackedOrder.InterleavedIndex(0, i)], inputs[0][token][PackedOrder.InterleavedIndex(1, i)]);
                result[i] = gate / (1.0 + Math.Exp(-gate)) * up;
            }

            return result;
        });
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        var i = 0;
        for (; i + 4 <= left.Length; i += 4)
        {
            sum0 += left[i] * right[i];
            sum1 += left[i + 1] * right[i + 1];
            sum2 += left[i + 2] * right[i + 2];
            sum3 += left[i + 3] * right[i + 3];
        }

        for (; i < left.Length; i++)
            sum0 += left[i] * right[i];
        return sum0 + sum1 + sum2 + sum3;
    }
}
