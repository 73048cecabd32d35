using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Keeps the largest logit of this worker's rows for each token, of equal ones the lowest index.</summary>
[KernelTemplate]
public static unsafe class ArgMaxEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
    }
}
