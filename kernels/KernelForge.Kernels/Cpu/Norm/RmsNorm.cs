namespace KernelForge.Kernels;

/// <summary>Root mean square norm (docs/numerics.md). Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class RmsNorm
{
    /// <summary>Norm of rows <paramref name="first"/> to <paramref name="last"/> - 1, as float32. May work in place.</summary>
    public static void Store(byte* x, nint xStride, float* weight, byte* y, nint yStride, nint width, float epsilon, nint first, nint last)
    {
    }

    /// <summary>The same, quantized: a row of <paramref name="y"/> is codes, scales, sums, scaled sums.</summary>
    public static void Quantize(byte* x, nint xStride, float* weight, byte* y, nint yStride, nint width, float epsilon, nint first, nint last)
    {
    }
}
