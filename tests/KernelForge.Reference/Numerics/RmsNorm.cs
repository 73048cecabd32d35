namespace KernelForge.Reference.Numerics;

/// <summary>Root mean square norm (docs/numerics.md).</summary>
public static class RmsNorm
{
    /// <summary>The norm of one row.</summary>
    public static float[] Apply(ReadOnlySpan<float> row, ReadOnlySpan<float> weight, float epsilon)
    {
        var mean = LaneSum.SumOfSquares(row) / row.Length;
        var factor = 1f / MathF.Sqrt(mean + epsilon);
        var result = new float[row.Length];
        for (var i = 0; i < row.Length; i++)
            result[i] = row[i] * factor * weight[i];
        return result;
    }
}
