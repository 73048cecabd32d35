using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>The same, quantized block by block; needs whole pairs of tiles.</summary>
[KernelTemplate]
public static unsafe class SwiGluQuantizeEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
    }
}
