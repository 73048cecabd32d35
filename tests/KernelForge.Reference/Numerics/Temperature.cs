using KernelForge.Graphs;

namespace KernelForge.Reference.Numerics;

/// <summary>Factors of queries that grow with their position (docs/numerics.md, "Attention").</summary>
public static class Temperature
{
    /// <summary>The factor at a position.</summary>
    public static float Of(QueryTemperature temperature, int position) =>
        MathF.FusedMultiplyAdd(Log(MathF.Floor((position + 1) / (float)temperature.Floor) + 1f), (float)temperature.Scale, 1f);

    /// <summary>The natural logarithm of a number from 1 on.</summary>
    public static float Log(float x)
    {
        var exponent = MathF.ILogB(x);
        var m = MathF.ScaleB(x, -exponent);
        if (m > 1.41421356f)
            (m, exponent) = (m / 2, exponent + 1);
        ReadOnlySpan<float> coefficients =
        [
            7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f,
            -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f,
        ];
        var f = m - 1f;
        var z = f * f;
        var p = coefficients[0];
        foreach (var coefficient in coefficients[1..])
            p = MathF.FusedMultiplyAdd(p, f, coefficient);
        var y = MathF.FusedMultiplyAdd(exponent, -2.12194440e-4f, p * f * z);
        y = MathF.FusedMultiplyAdd(z, -0.5f, y);
        return MathF.FusedMultiplyAdd(exponent, 0.693359375f, f + y);
    }
}
