using KernelForge.Graphs;

namespace KernelForge.Reference.Numerics;

/// <summary>Activations and the bound of scores and logits (docs/numerics.md, "exp and what is made of it").</summary>
public static class Activations
{
    /// <summary>An activation of one value.</summary>
    public static float Apply(Activation activation, float x) => activation switch
    {
        Activation.Silu => Exponential.Silu(x),
        Activation.Gelu => Gelu(x),
        Activation.GeluTanh => Sigmoid(x, x * MathF.FusedMultiplyAdd(x * x, 0.0713548163f, 1.5957691216f)),
        Activation.QuickGelu => Sigmoid(x, x * 1.702f),
        Activation.Relu => MathF.Max(x, 0f),
        Activation.SquaredRelu => MathF.Max(x, 0f) * MathF.Max(x, 0f),
        Activation.Tanh => Tanh(x),
        _ => throw new NotSupportedException($"The contract knows no activation {activation}."),
    };

    /// <summary>The clamped unit of a gate and an up.</summary>
    public static float Clamped(ClampedUnit clamp, float gate, float up)
    {
        var g = MathF.Min(gate, clamp.Limit);
        return Sigmoid(g, g * clamp.Slope) * (Math.Clamp(up, -clamp.Limit, clamp.Limit) + 1f);
    }

    /// <summary>softcap * tanh(x / softcap).</summary>
    public static float Cap(float softcap, float x) => softcap * Tanh(x / softcap);

    private static float Tanh(float x) => 1f - (2f / (Exponential.Exp(x + x) + 1f));

    private static float Sigmoid(float x, float z) => x / (1f + Exponential.Exp(-z));

    private static float Gelu(float x)
    {
        var z = MathF.Abs(x) * 0.70710678f;
        var t = 1f / MathF.FusedMultiplyAdd(z, 0.3275911f, 1f);
        var p = 1.061405429f;
        p = MathF.FusedMultiplyAdd(p, t, -1.453152027f);
        p = MathF.FusedMultiplyAdd(p, t, 1.421413741f);
        p = MathF.FusedMultiplyAdd(p, t, -0.284496736f);
        p = MathF.FusedMultiplyAdd(p, t, 0.254829592f);
        var half = x * 0.5f * (p * t * Exponential.Exp(-(z * z)));
        return x < 0f ? half : x - half;
    }
}
