namespace KernelForge.Reference.Numerics;

/// <summary>Greedy choice.</summary>
public static class ArgMax
{
    /// <summary>Index of the largest logit; of equal ones the lowest.</summary>
    public static int Of(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
                best = i;
        }

        return best;
    }
}
