using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Adds results (+ bias) to the float32 output.</summary>
[KernelTemplate]
public static unsafe class ResidualEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue) =>
        FloatOutput.Take(OutputForm.Add, sums, firstRow, rows, firstToken, tokens, epilogue);
}
