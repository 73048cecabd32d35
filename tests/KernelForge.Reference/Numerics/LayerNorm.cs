namespace KernelForge.Reference.Numerics;

/// <summary>Layer norm (docs/numerics.md).</summary>
public static class LayerNorm
{
    /// <summary>The norm of one row.</summary>
    public static float[] Apply(ReadOnlySpan<float> row, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, float epsilon)
    {
        var mean = LaneSum.Sum(row) / row.Length;
        var centered = new float[row.Length];
        for (var i = 0; i < row.Length; i++)
            centered[i] = row[i] - mean;
        var factor = 1f / MathF.Sqrt((LaneSum.SumOfSquares(centered) / row.Length) + epsilon);
        for (var i = 0; i < row.Length; i++)
            centered[i] = MathF.FusedMultiplyAdd(centered[i] * factor, scale[i], shift[i]);
        return centered;
    }
}
