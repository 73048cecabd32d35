namespace KernelForge.Reference.Numerics;

/// <summary>Sums over a token and the few before it, each column for itself (docs/numerics.md, "Short convolution").</summary>
public static class ShortConvolution
{
    /// <summary>The sums of the last row.</summary>
    /// <param name="taps">[taps, width], the last row's own last.</param>
    /// <param name="bias">[width], or null.</param>
    /// <param name="rows">All rows so far.</param>
    /// <param name="width">Values of a row.</param>
    public static float[] Apply(float[] taps, float[]? bias, IReadOnlyList<float[]> rows, int width)
    {
        var count = taps.Length / width;
        var sums = new float[width];
        for (var i = 0; i < width; i++)
        {
            for (var tap = Math.Max(0, count - rows.Count); tap < count; tap++)
                sums[i] = MathF.FusedMultiplyAdd(taps[(tap * width) + i], rows[rows.Count - count + tap][i], sums[i]);
            if (bias is not null)
                sums[i] += bias[i];
        }

        return sums;
    }
}
