using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Keeps the largest bounded logit.</summary>
[KernelTemplate]
public static unsafe class CappedArgMaxEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
        CappedSums.Cap(sums, firstRow, rows, tokens, epilogue);
        var bias = epilogue->Bias;
        epilogue->Bias = null;
        ArgMaxEpilogue.Apply(sums, firstRow, rows, firstToken, tokens, epilogue);
        epilogue->Bias = bias;
    }
}
