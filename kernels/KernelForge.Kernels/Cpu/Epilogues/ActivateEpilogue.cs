using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Stores activation(result + bias) as float32.</summary>
[KernelTemplate]
public static unsafe class ActivateEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue) =>
        FloatOutput.Take(OutputForm.Activate, sums, firstRow, rows, firstToken, tokens, epilogue);
}
