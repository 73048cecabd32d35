namespace KernelForge.Kernels;

/// <summary>INT8 activations in blocks of 32 (docs/numerics.md).</summary>
[KernelTemplate]
public static unsafe class Quantization
{
    /// <summary>Quantizes rows <paramref name="first"/> to <paramref name="last"/> - 1. Strides are in bytes.</summary>
    public static void Rows(byte* x, nint xStride, byte* y, nint yStride, nint width, nint first, nint last)
    {
    }
}
