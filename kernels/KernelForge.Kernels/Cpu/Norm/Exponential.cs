using System.Runtime.CompilerServices;

namespace KernelForge.Kernels;

/// <summary>The contract's own exp and SwiGLU (docs/numerics.md).</summary>
[KernelTemplate]
public static unsafe class Exponential
{
    /// <summary>e^x; 0 below -87, e^88 above 88.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatVector Exp(FloatVector x)
    {
        var limited = Simd.Min(Simd.Broadcast(88f), x); // in this order NaN stays NaN
        var exponent = Simd.ToInt(Simd.Multiply(limited, Simd.Broadcast(1.44269504f)));
        var n = Simd.ToFloat(exponent);
        var r = Simd.MultiplyAdd(n, Simd.Broadcast(-0.693359375f), limited);
        r = Simd.MultiplyAdd(n, Simd.Broadcast(2.12194440e-4f), r);
        var p = Simd.Broadcast(1.9875691500e-4f);
        p = Simd.MultiplyAdd(p, r, Simd.Broadcast(1.3981999507e-3f));
        p = Simd.MultiplyAdd(p, r, Simd.Broadcast(8.3334519073e-3f));
        p = Simd.MultiplyAdd(p, r, Simd.Broadcast(4.1665795894e-2f));
        p = Simd.MultiplyAdd(p, r, Simd.Broadcast(1.6666665459e-1f));
        p = Simd.MultiplyAdd(p, r, Simd.Broadcast(5.0000001201e-1f));
        var y = Simd.Add(Simd.MultiplyAdd(p, Simd.Multiply(r, r), r), Simd.Broadcast(1f));
        return Simd.SelectLess(x, Simd.Broadcast(-87f), Simd.Zero(), Simd.Multiply(y, Simd.PowerOfTwo(exponent)));
    }

    /// <summary>silu(gate) * up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatVector SwiGlu(FloatVector gate, FloatVector up)
    {
        var silu = Simd.Divide(gate, Simd.Add(Simd.Broadcast(1f), Exp(Simd.Negate(gate))));
        return Simd.Multiply(silu, up);
    }
}
