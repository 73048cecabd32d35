namespace KernelForge.Reference.Numerics;

/// <summary>Row reductions over a virtual vector of 16 lanes with a fixed tree (docs/numerics.md, "Sixteen lanes").</summary>
public static class LaneSum
{
    /// <summary>Lanes of the virtual vector, whatever the machine's vectors are.</summary>
    public const int Lanes = 16;

    /// <summary>Sum of the values.</summary>
    public static float Sum(ReadOnlySpan<float> values)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        for (var i = 0; i < values.Length; i++)
            lanes[i % Lanes] += values[i];
        return Reduce(lanes);
    }

    /// <summary>Sum of the squares, each step one fma.</summary>
    public static float SumOfSquares(ReadOnlySpan<float> values)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        for (var i = 0; i < values.Length; i++)
            lanes[i % Lanes] = MathF.FusedMultiplyAdd(values[i], values[i], lanes[i % Lanes]);
        return Reduce(lanes);
    }

    /// <summary>Sum of the products, each step one fma.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        Span<float> lanes = stackalloc float[Lanes];
        lanes.Clear();
        for (var i = 0; i < left.Length; i++)
            lanes[i % Lanes] = MathF.FusedMultiplyAdd(left[i], right[i], lanes[i % Lanes]);
        return Reduce(lanes);
    }

    private static float Reduce(Span<float> lanes)
    {
        for (var half = Lanes / 2; half >= 1; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
                lanes[lane] += lanes[lane + half];
        }

        return lanes[0];
    }
}
