namespace KernelForge.Runtime;

/// <summary>One vector of several states (docs/numerics.md, "Pooled vectors").</summary>
internal static class VectorPooling
{
    /// <summary>The vector [width] of states [tokens, width].</summary>
    public static float[] Pool(Pooling pooling, ReadOnlySpan<float> states, int width)
    {
        if (pooling == Pooling.First)
            return states[..width].ToArray();
        if (pooling == Pooling.Last)
            return states[^width..].ToArray();
        var mean = new float[width];
        var tokens = states.Length / width;
        for (var token = 0; token < tokens; token++)
        {
            for (var i = 0; i < width; i++)
                mean[i] += states[(token * width) + i];
        }

        for (var i = 0; i < width; i++)
            mean[i] /= tokens;
        return mean;
    }

    /// <summary>Gives a vector the length 1; one of zeros stays.</summary>
    public static void Normalize(Span<float> vector)
    {
        var squares = 0.0;
        foreach (var x in vector)
            squares += (double)x * x;
        if (squares == 0)
            return;
        var length = Math.Sqrt(squares);
        for (var i = 0; i < vector.Length; i++)
            vector[i] = (float)(vector[i] / length);
    }
}
