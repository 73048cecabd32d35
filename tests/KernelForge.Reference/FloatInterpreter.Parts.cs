using KernelForge.Graphs;

namespace KernelForge.Reference;

/// <content>Rows that are no tokens: frames of a sound, patches of an image.</content>
public sealed partial class FloatInterpreter
{
    private static double[][] Windows(WindowNode node, double[][] input)
    {
        var before = node.Taps / 2;
        var rows = ((input.Length + (2 * before) - node.Taps) / node.Stride) + 1;
        return [.. Enumerable.Range(0, rows).Select(row =>
        {
            var result = new double[node.Width];
            for (var tap = 0; tap < node.Taps; tap++)
            {
                var source = (row * node.Stride) - before + tap;
                for (var i = 0; source >= 0 && source < input.Length && i < input[source].Length; i++)
                    result[(i * node.Taps) + tap] = input[source][i];
            }

            return result;
        })];
    }

    private static double[][] Shuffle(PixelShuffleNode node, double[][] input)
    {
        var (side, factor) = ((int)Math.Sqrt(input.Length), node.Factor);
        var squares = Enumerable.Range(0, side / factor);
        var lines = Enumerable.Range(0, factor);
        return [.. squares.SelectMany(y => squares.Select(x =>
            lines.SelectMany(dy => lines.SelectMany(dx => input[(((y * factor) + dy) * side) + (x * factor) + dx])).ToArray()))];
    }

    private static double[][] Fuse(FusionNode node, IReadOnlyList<int> tokens, double[][] stream, double[][] features)
    {
        var places = tokens.Count(token => token == node.Token);
        if (places != features.Length)
            throw new ArgumentException($"The text has {places} tokens {node.Token} for {features.Length} rows of images.", nameof(tokens));
        var next = 0;
        return [.. stream.Select((row, i) => tokens[i] == node.Token ? features[next++] : row)];
    }
}
