namespace KernelForge.Kernels;

/// <summary>The activations beside SiLU, and the bound of scores and logits (docs/numerics.md, "exp and what is made of it").</summary>
[KernelTemplate]
public static unsafe class Activations
{
    /// <summary>An activation by the plan's number.</summary>
    public static FloatVector Apply(int activation, FloatVector x)
    {
        if (activation == 0)
            return Silu(x);
        if (activation == 1)
            return Gelu(x);
        if (activation == 2)
            return GeluTanh(x);
        if (activation == 3)
            return Sigmoid(x, Simd.Multiply(x, Simd.Broadcast(1.702f)));
        if (activation == 6)
            return Tanh(x);
        var positive = Simd.Max(x, Simd.Zero());
        return activation == 4 ? positive : Simd.Multiply(positive, positive);
    }

    /// <summary>The clamped unit: g * sigmoid(slope * g) * (u + 1) of a gate up to the limit and an up within it.</summary>
    public static FloatVector Clamped(FloatVector gate, FloatVector up, float slope, float limit)
    {
        var bound = Simd.Broadcast(limit);
        var g = Simd.Min(gate, bound);
        var u = Simd.Max(Simd.Min(up, bound), Simd.Negate(bound));
        return Simd.Multiply(Sigmoid(g, Simd.Multiply(g, Simd.Broadcast(slope))), Simd.Add(u, Simd.Broadcast(1f)));
    }

    /// <summary>In place, the bound of some values: softcap * tanh(factor * x / softcap).</summary>
    public static void Cap(float* x, nint count, float factor, float softcap)
    {
        var factors = Simd.Broadcast(factor);
        var bound = Simd.Broadcast(softcap);
        for (nint i = 0; i < count; i += Simd.Width)
        {
            var z = Simd.Divide(Simd.Multiply(Simd.Load(x + i), factors), bound);
            Simd.Store(x + i, Simd.Multiply(bound, Tanh(z)));
        }
    }

    /// <summary>1 - 2 / (exp(2x) + 1).</summary>
    public static FloatVector Tanh(FloatVector x)
    {
        var e = Simd.Add(Exponential.Exp(Simd.Add(x, x)), Simd.Broadcast(1f));
        return Simd.Subtract(Simd.Broadcast(1f), Simd.Divide(Simd.Broadcast(2f), e));
    }

    private static FloatVector Silu(FloatVector x) => Sigmoid(x, x);

    /// <summary>x * sigmoid(z).</summary>
    private static FloatVector Sigmoid(FloatVector x, FloatVector z) => Simd.Divide(x, Simd.Add(Simd.Broadcast(1f), Exponential.Exp(Simd.Negate(z))));

    private static FloatVector GeluTanh(FloatVector x) =>
        Sigmoid(x, Simd.Multiply(x, Simd.MultiplyAdd(Simd.Multiply(x, x), Simd.Broadcast(0.0713548163f), Simd.Broadcast(1.5957691216f))));

    /// <summary>With the complement of erf by Abramowitz and Stegun's 7.1.26, which is off by at most 1.5e-7.</summary>
    private static FloatVector Gelu(FloatVector x)
    {
        var z = Simd.Multiply(Simd.Abs(x), Simd.Broadcast(0.70710678f));
        var t = Simd.Divide(Simd.Broadcast(1f), Simd.MultiplyAdd(z, Simd.Broadcast(0.3275911f), Simd.Broadcast(1f)));
        var p = Simd.Broadcast(1.061405429f);
        p = Simd.MultiplyAdd(p, t, Simd.Broadcast(-1.453152027f));
        p = Simd.MultiplyAdd(p, t, Simd.Broadcast(1.421413741f));
        p = Simd.MultiplyAdd(p, t, Simd.Broadcast(-0.284496736f));
        p = Simd.MultiplyAdd(p, t, Simd.Broadcast(0.254829592f));
        var q = Simd.Multiply(Simd.Multiply(p, t), Exponential.Exp(Simd.Negate(Simd.Multiply(z, z))));
        var half = Simd.Multiply(Simd.Multiply(x, Simd.Broadcast(0.5f)), q);
        return Simd.SelectLess(x, Simd.Zero(), half, Simd.Subtract(x, half));
    }
}
