namespace KernelForge.Kernels;

/// <summary>The factor of a query that grows with its position (docs/numerics.md, "Attention").</summary>
[KernelTemplate]
public static unsafe class Temperature
{
    /// <summary>1 + scale * log(1 + floor((position + 1) / floor)); 1 where <paramref name="floor"/> is 0.</summary>
    public static float Of(nint position, float scale, float floor)
    {
        if (floor == 0f)
            return 1f;
        var steps = MathF.Floor((float)(position + 1) / floor);
        return MathF.FusedMultiplyAdd(Log(steps + 1f), scale, 1f);
    }

    /// <summary>The natural logarithm of a number from 1 on (coefficients: Cephes logf).</summary>
    private static float Log(float x)
    {
        var bits = *(int*)&x;
        var exponent = (float)((bits >> 23) - 127);
        bits = (bits & 0x7FFFFF) | 0x3F800000;
        var m = *(float*)&bits;
        if (m > 1.41421356f)
        {
            m *= 0.5f;
            exponent += 1f;
        }

        var f = m - 1f;
        var z = f * f;
        var p = 7.0376836292e-2f;
        p = MathF.FusedMultiplyAdd(p, f, -1.1514610310e-1f);
        p = MathF.FusedMultiplyAdd(p, f, 1.1676998740e-1f);
        p = MathF.FusedMultiplyAdd(p, f, -1.2420140846e-1f);
        p = MathF.FusedMultiplyAdd(p, f, 1.4249322787e-1f);
        p = MathF.FusedMultiplyAdd(p, f, -1.6668057665e-1f);
        p = MathF.FusedMultiplyAdd(p, f, 2.0000714765e-1f);
        p = MathF.FusedMultiplyAdd(p, f, -2.4999993993e-1f);
        p = MathF.FusedMultiplyAdd(p, f, 3.3333331174e-1f);
        var y = MathF.FusedMultiplyAdd(exponent, -2.12194440e-4f, p * f * z);
        y = MathF.FusedMultiplyAdd(z, -0.5f, y);
        return MathF.FusedMultiplyAdd(exponent, 0.693359375f, f + y);
    }
}
