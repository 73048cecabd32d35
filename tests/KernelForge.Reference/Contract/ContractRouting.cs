using KernelForge.Graphs;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Contract;

/// <summary>The choice of experts in the contract's arithmetic (docs/numerics.md, "Mixture of experts").</summary>
public static class ContractRouting
{
    /// <summary>The experts of a token by ascending index, and their weights.</summary>
    public static (int Expert, float Weight)[] Choose(Routing routing, float[] logits, float[]? correction)
    {
        if (routing.Score == RoutingScore.SparseMixer)
            return Weighted(routing, OneAfterAnother(routing, logits));
        var scores = routing.Score switch
        {
            RoutingScore.Softmax => Shares(logits),
            RoutingScore.Sigmoid => Array.ConvertAll(logits, Sigmoid),
            _ => logits,
        };
        var choosing = scores.Select((score, i) => correction is null ? score : score + correction[i]).ToArray();
        if (routing.Groups > 1)
        {
            var size = scores.Length / routing.Groups;
            var sums = Enumerable.Range(0, routing.Groups).Select(group => GroupScore(choosing[(group * size)..((group + 1) * size)], routing.GroupScore)).ToArray();
            var best = Largest(sums, routing.ActiveGroups);
            choosing = [.. choosing.Select((score, i) => best.Contains(i / size) ? score : float.NegativeInfinity)];
        }

        var chosen = Largest(choosing, routing.Active).Order().ToArray();
        var weights = Array.ConvertAll(chosen, i => scores[i]);
        if (routing.Score == RoutingScore.SoftmaxOfChosen)
            weights = Shares(weights);
        return Weighted(routing, chosen.Zip(weights));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    public static float Sigmoid(float x) => 1f / (1f + Exponential.Exp(-x));

    /// <summary>Normalized where that is wanted, and scaled.</summary>
    private static (int Expert, float Weight)[] Weighted(Routing routing, IEnumerable<(int Expert, float Weight)> chosen)
    {
        var ascending = chosen.OrderBy(choice => choice.Expert).ToArray();
        var divisor = routing.LeastSum > 0 ? MathF.Max(ascending.Aggregate(0f, (sum, choice) => sum + choice.Weight), routing.LeastSum) : 1f;
        return Array.ConvertAll(ascending, choice => (choice.Expert, choice.Weight / divisor * routing.Scale));
    }

    private static List<(int Expert, float Weight)> OneAfterAnother(Routing routing, float[] logits)
    {
        var left = (float[])logits.Clone();
        var chosen = new List<(int Expert, float Weight)>();
        while (chosen.Count < routing.Active)
        {
            var best = Largest(left, 1)[0];
            var near = Array.ConvertAll(left, x => (left[best] - x) / MathF.Max(MathF.Abs(x), left[best]) > routing.Margin ? float.NegativeInfinity : x);
            chosen.Add((best, Shares(near)[best]));
            left[best] = float.NegativeInfinity;
        }

        return chosen;
    }

    private static float[] Shares(float[] x)
    {
        var largest = x.Max();
        var shares = Array.ConvertAll(x, value => Exponential.Exp(value - largest));
        var sum = LaneSum.Sum(shares);
        return Array.ConvertAll(shares, share => share / sum);
    }

    private static float GroupScore(float[] scores, int count)
    {
        var sorted = scores.OrderDescending().ToArray();
        return count == 1 ? sorted[0] : sorted[0] + sorted[1];
    }

    private static int[] Largest(float[] values, int count) =>
        [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).ThenBy(i => i).Take(count)];
}
