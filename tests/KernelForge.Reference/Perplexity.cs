namespace KernelForge.Reference;

/// <summary>How well logits predict a text.</summary>
public static class Perplexity
{
    /// <summary>exp of the mean negative log-likelihood over whole windows; the first token of each is not scored.</summary>
    /// <param name="tokens">The text; what does not fill a last window is left out.</param>
    /// <param name="window">Tokens of a window; each is seen alone.</param>
    /// <param name="logits">The logits after each token of a window.</param>
    public static double Of(IReadOnlyList<int> tokens, int window, Func<int[], float[][]> logits)
    {
        var losses = new List<double>();
        foreach (var part in tokens.Chunk(window).Where(part => part.Length == window))
            losses.AddRange(Losses(part, logits(part)));
        return Math.Exp(losses.Average());
    }

    /// <summary>The negative log-likelihood of each token but the first, given those before it.</summary>
    public static double[] Losses(int[] tokens, float[][] logits) =>
        [.. Enumerable.Range(1, tokens.Length - 1).Select(i => LogSumExp(logits[i - 1]) - logits[i - 1][tokens[i]])];

    /// <summary>log(sum(exp(x))).</summary>
    public static double LogSumExp(IReadOnlyCollection<float> values)
    {
        double largest = values.Max();
        return largest + Math.Log(values.Sum(value => Math.Exp(value - largest)));
    }
}
