namespace KernelForge.Reference.Numerics;

/// <summary>The contract's own exp and what is made of it (docs/numerics.md, "exp, sigmoid, SwiGLU").</summary>
public static class Exponential
{
    /// <summary>e^x to within two units in the last place; 0 below -87, e^88 above 88.</summary>
    public static float Exp(float x)
    {
        if (x < -87f)
            return 0f;
        x = MathF.Min(x, 88f);
        var n = MathF.Round(x * 1.44269504f, MidpointRounding.ToEven);
        var r = MathF.FusedMultiplyAdd(n, -0.693359375f, x);
        r = MathF.FusedMultiplyAdd(n, 2.12194440e-4f, r);
        var p = 1.9875691500e-4f;
        p = MathF.FusedMultiplyAdd(p, r, 1.3981999507e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 8.3334519073e-3f);
        p = MathF.FusedMultiplyAdd(p, r, 4.1665795894e-2f);
        p = MathF.FusedMultiplyAdd(p, r, 1.6666665459e-1f);
        p = MathF.FusedMultiplyAdd(p, r, 5.0000001201e-1f);
        var y = MathF.FusedMultiplyAdd(p, r * r, r) + 1f;
        var power = BitConverter.Int32BitsToSingle(((int)n + 127) << 23); // 2^n, a normal number: -126 <= n <= 127
        return y * power;
    }

    /// <summary>x * sigmoid(x).</summary>
    public static float Silu(float x) => x / (1f + Exp(-x));

    /// <summary>silu(gate) * up.</summary>
    public static float SwiGlu(float gate, float up) => Silu(gate) * up;
}
