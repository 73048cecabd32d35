using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Keeps the largest bounded logit. A head whose logits are bounded has no bias.</summary>
[KernelTemplate]
public static unsafe class CappedArgMaxEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
        for (nint token = 0; token < tokens; token++)
            Activations.Cap(sums + (token * MatMulInt.SumStride), rows, 1f, epilogue->Softcap);
        ArgMaxEpilogue.Apply(sums, firstRow, rows, firstToken, tokens, epilogue);
    }
}
