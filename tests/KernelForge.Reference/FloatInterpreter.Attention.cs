using KernelForge.Graphs;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference;

/// <content>Attention.</content>
public sealed partial class FloatInterpreter
{
    private double[][] Attend(AttentionNode node, double[][][] inputs)
    {
        var queryWidth = node.Heads * node.HeadSize;
        var keyWidth = node.KeyValueHeads * node.HeadSize;
        double[][] Columns(int input, int from, int count) => Array.ConvertAll(inputs[input], row => row[from..(from + count)]);
        var (queries, keys, values) = inputs.Length == 3
            ? (Columns(0, 0, queryWidth), Columns(1, 0, keyWidth), Columns(2, 0, keyWidth))
            : (Columns(0, 0, queryWidth), Columns(0, queryWidth, keyWidth), Columns(0, queryWidth + keyWidth, keyWidth));
        foreach (var (heads, norm) in new[] { (queries, node.HeadNorms?.Query), (keys, node.HeadNorms?.Key) })
        {
            if (norm is not null && !node.HeadNorms!.AfterRotary)
                NormalizeHeads(node.HeadNorms, norm, node.HeadSize, heads);
            Rotate(node.Rotary, node.AdjacentPairs, heads, node.HeadSize, 0);
            if (norm is not null && node.HeadNorms!.AfterRotary)
                NormalizeHeads(node.HeadNorms, norm, node.HeadSize, heads);
        }

        if (node.Temperature is { } temperature)
            queries = [.. queries.Select((row, position) => Array.ConvertAll(row, x => x * (1 + (temperature.Scale * Math.Log(1 + Math.Floor((position + 1) / temperature.Floor))))))];
        var sinks = node.Sinks is null ? null : Values(node.Sinks);
        var (biases, buckets) = node.Bias is { } bias ? (Values(bias.Table), bias.Buckets(node.IsBidirectional)) : default;
        double Bias(int head, int offset) => biases is null ? 0 : biases[(buckets!.Of(offset) * node.Heads) + head];
        int First(int token) => Math.Max(node.Window == 0 ? 0 : Math.Max(0, token - node.Window + 1), node.Chunk == 0 ? 0 : token - (token % node.Chunk));
        int Last(int token) => !node.IsBidirectional ? token : node.Window == 0 ? queries.Length - 1 : Math.Min(queries.Length, token + node.Window) - 1;
        return Weigh(
            queries, keys, values, node.Heads, node.KeyValueHeads, token => (First(token), Last(token)),
            (score, at) => (node.Softcap == 0 ? node.Scale * score : Cap(node.Softcap, node.Scale * score)) + Bias(at.Head, at.Key - at.Query), head => sinks?[head] ?? double.NegativeInfinity);
    }

    private double[][] Attend(CrossAttentionNode node, double[][][] inputs)
    {
        var (queries, keys) = (Array.ConvertAll(inputs[0], row => row[..]), Multiply(node.Keys, inputs[1]));
        if (node.HeadNorms is { } norms)
        {
            NormalizeHeads(norms, norms.Query, node.HeadSize, queries);
            NormalizeHeads(norms, norms.Key, node.HeadSize, keys);
        }

        return Weigh(
            queries, keys, Multiply(node.Values, inputs[1]), node.Heads, node.KeyValueHeads, _ => (0, keys.Length - 1), (score, _) => node.Scale * score, _ => double.NegativeInfinity);
    }

    /// <summary>Keys and values side by side.</summary>
    private double[][] Keep(KeepNode node, double[][][] inputs)
    {
        var kept = inputs.Length == 1 ? inputs[0] : [.. inputs[0].Zip(inputs[1], (keys, values) => keys.Concat(values).ToArray())];
        if (node.HeadNorms is not { } norms)
            return kept;
        var keys = Array.ConvertAll(kept, row => row[..(node.Width / 2)]);
        NormalizeHeads(norms, norms.Key, node.HeadSize, keys);
        return [.. keys.Zip(kept, (key, row) => key.Concat(row.Skip(node.Width / 2)).ToArray())];
    }

    private double[][] NormalizeHeads(HeadNormNode node, double[][] input)
    {
        var rows = Array.ConvertAll(input, row => row[..]);
        NormalizeHeads(new HeadNorms(node.Norm, node.Norm, Whole: false, AfterRotary: false), node.Norm, node.HeadSize, rows);
        return rows;
    }

    private static double[][] Attend(KeptAttentionNode node, double[][][] inputs)
    {
        var width = inputs[1][0].Length / 2;
        var (keys, values) = (Array.ConvertAll(inputs[1], row => row[..width]), Array.ConvertAll(inputs[1], row => row[width..]));
        return Weigh(inputs[0], keys, values, node.Heads, width / node.HeadSize, _ => (0, keys.Length - 1), (score, _) => node.Scale * score, _ => double.NegativeInfinity);
    }

    private double[][] Attend(LatentAttentionNode node, double[][][] inputs)
    {
        var (plain, rotated) = (node.PlainSize, node.RotatedSize);
        var size = plain + rotated;
        var queries = Array.ConvertAll(inputs[0], row => row[..]);
        var shared = Array.ConvertAll(inputs[2], row => row[..]);
        Rotate(node.Rotary, node.AdjacentPairs, queries, size, plain);
        Rotate(node.Rotary, node.AdjacentPairs, shared, rotated, 0);
        var keys = Multiply(node.Keys, inputs[1])
            .Select((row, token) => Enumerable.Range(0, node.Heads).SelectMany(head => row[(head * plain)..((head + 1) * plain)].Concat(shared[token])).ToArray()).ToArray();
        return Weigh(queries, keys, Multiply(node.Values, inputs[1]), node.Heads, node.Heads, token => (0, token), (score, _) => node.Scale * score, _ => double.NegativeInfinity);
    }

    /// <summary>Values weighted by the softmax of what <paramref name="finish"/> makes of the products, and of a sink, over the tokens that <paramref name="seen"/> names.</summary>
    private static double[][] Weigh(
        double[][] queries, double[][] keys, double[][] values, int heads, int keyHeads, Func<int, (int First, int Last)> seen, Func<double, (int Head, int Query, int Key), double> finish, Func<int, double> sink)
    {
        var (keySize, valueSize) = (keys[0].Length / keyHeads, values[0].Length / keyHeads);
        var output = Array.ConvertAll(queries, _ => new double[heads * valueSize]);
        Parallel.For(0, heads, head =>
        {
            var keyHead = head / (heads / keyHeads);
            for (var token = 0; token < queries.Length; token++)
            {
                var (start, end) = seen(token);
                var scores = new double[end - start + 1];
                for (var p = start; p <= end; p++)
                    scores[p - start] = finish(Dot(queries[token].AsSpan(head * keySize, keySize), keys[p].AsSpan(keyHead * keySize, keySize)), (head, token, p));
                var largest = Math.Max(scores.Max(), sink(head));
                var sum = scores.Sum(score => Math.Exp(score - largest)) + Math.Exp(sink(head) - largest);
                for (var p = start; p <= end; p++)
                {
                    var weight = Math.Exp(scores[p - start] - largest) / sum;
                    for (var d = 0; d < valueSize; d++)
                        output[token][(head * valueSize) + d] += weight * values[p][(keyHead * valueSize) + d];
                }
            }
        });
        return output;
    }

    private void NormalizeHeads(HeadNorms norms, Norm norm, int headSize, double[][] rows)
    {
        var order = norms.Order;
        var scale = norm.Scale is null ? null : Values(norm.Scale);
        var shift = norm.Shift is null ? null : Values(norm.Shift);
        foreach (var row in rows)
        {
            var length = norms.Whole ? row.Length : headSize;
            for (var start = 0; start < row.Length; start += length)
            {
                var normalized = Normalize(norm, row.AsSpan(start, length));
                for (var i = 0; i < length; i++)
                    row[start + i] = (normalized[i] * Of(scale, start + i, 1)) + Of(shift, start + i, 0);
            }
        }

        // A vector as long as a head serves them all.
        double Of(float[]? vector, int index, double missing) => vector is null ? missing : vector[order.Source(index) % vector.Length];
    }

    /// <summary>Rotates heads of a size in place, from a value of each head on.</summary>
    private void Rotate(int rotary, bool adjacentPairs, double[][] rows, int headSize, int from)
    {
        if (rotary < 0)
            return;
        var table = graph.Rotaries[rotary];
        var angles = RotaryAngles.Table(table, rows.Length, name => weights(name));
        var (stride, distance) = adjacentPairs ? (2, 1) : (1, table.Pairs);
        for (var position = 0; position < rows.Length; position++)
        {
            for (var head = from; head < rows[position].Length; head += headSize)
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
}
