using KernelForge.Graphs;

namespace KernelForge.Reference;

/// <summary>Which experts compute a token, and with which weights, in binary64.</summary>
public static class ExpertChoice
{
    /// <summary>The weight of each chosen expert.</summary>
    /// <param name="routing">How they are chosen.</param>
    /// <param name="logits">Of all experts.</param>
    /// <param name="correction">Of the scores, for the choice only; or null.</param>
    public static SortedDictionary<int, double> Of(Routing routing, double[] logits, float[]? correction)
    {
        if (routing.Score == RoutingScore.SparseMixer)
            return OneAfterAnother(routing, logits);
        var scores = Scores(routing.Score, logits);
        var choosing = scores.Select((score, i) => score + (correction?[i] ?? 0)).ToArray();
        if (routing.Groups > 1)
            Exclude(routing, choosing);
        var chosen = Largest(choosing, routing.Active);
        var weights = chosen.Select(i => scores[i]).ToArray();
        if (routing.Score == RoutingScore.SoftmaxOfChosen)
            weights = Scores(RoutingScore.Softmax, weights);
        var divisor = routing.LeastSum > 0 ? Math.Max(weights.Sum(), routing.LeastSum) : 1;
        var result = new SortedDictionary<int, double>();
        for (var i = 0; i < chosen.Length; i++)
            result[chosen[i]] = weights[i] / divisor * routing.Scale;
        return result;
    }

    private static SortedDictionary<int, double> OneAfterAnother(Routing routing, double[] logits)
    {
        var result = new SortedDictionary<int, double>();
        while (result.Count < routing.Active)
        {
            var left = Enumerable.Range(0, logits.Length).Where(i => !result.ContainsKey(i)).ToArray();
            var best = left.MaxBy(i => logits[i]);
            var largest = logits[best];
            var near = left.Where(i => !((largest - logits[i]) / Math.Max(Math.Abs(logits[i]), largest) > routing.Margin));
            result[best] = routing.Scale / near.Sum(i => Math.Exp(logits[i] - largest));
        }

        return result;
    }

    private static double[] Scores(RoutingScore score, double[] logits)
    {
        if (score == RoutingScore.Sigmoid)
            return Array.ConvertAll(logits, x => 1 / (1 + Math.Exp(-x)));
        if (score == RoutingScore.SoftmaxOfChosen)
            return logits;
        var largest = logits.Max();
        var shares = Array.ConvertAll(logits, x => Math.Exp(x - largest));
        var sum = shares.Sum();
        return Array.ConvertAll(shares, x => x / sum);
    }

    /// <summary>Experts outside the best groups can no longer be chosen.</summary>
    private static void Exclude(Routing routing, double[] scores)
    {
        var size = scores.Length / routing.Groups;
        var groups = Enumerable.Range(0, routing.Groups)
            .Select(group => scores[(group * size)..((group + 1) * size)].OrderDescending().Take(routing.GroupScore).Sum()).ToArray();
        var best = Largest(groups, routing.ActiveGroups);
        for (var i = 0; i < scores.Length; i++)
        {
            if (!best.Contains(i / size))
                scores[i] = double.NegativeInfinity;
        }
    }

    /// <summary>Indices of the largest values, ties to the lowest index.</summary>
    private static int[] Largest(double[] values, int count) =>
        [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).ThenBy(i => i).Take(count)];
}
