using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Stores results (+ bias) as float32. Serves logits too.</summary>
[KernelTemplate]
public static unsafe class StoreEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue) =>
        FloatOutput.Take(OutputForm.Store, sums, firstRow, rows, firstToken, tokens, epilogue);
}
