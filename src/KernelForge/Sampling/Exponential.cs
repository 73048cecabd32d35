namespace KernelForge.Sampling;

/// <summary>exp as docs/numerics.md defines it: the platform's own differs from one to the next, and with it an answer drawn with the same seed.</summary>
internal static class Exponential
{
    public static float Of(float x)
    {
        if (x < -87)
            return 0;
        x = Math.Min(x, 88);
        var n = MathF.Round(x * 1.44269504f, MidpointRounding.ToEven);
        var r = MathF.FusedMultiplyAdd(n, -0.693359375f, x);
        r = MathF.FusedMultiplyAdd(n, 2.12194440e-4f, r);
        var p = 1.9875691500e-4f;
        p = MathF.FusedMultiplyAdd(p, r, 1.3981999507e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 8.3334519073e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 4.1665795894e-2f);
        p = MathF.FusedMultiplyAdd(p, r, 1.6666665459e-1f);
        p = MathF.FusedMultiplyAdd(p, r, 5.0000001201e-1f);
        var y = MathF.FusedMultiplyAdd(p, r * r, r) + 1;
        return y * BitConverter.Int32BitsToSingle(((int)n + 127) << 23);
    }
}
