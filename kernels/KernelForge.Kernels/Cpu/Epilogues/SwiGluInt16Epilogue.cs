using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Rows interleaved by 16 (gate, up): stores silu(gate) * up as INT16.</summary>
[KernelTemplate]
public static unsafe class SwiGluInt16Epilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue) =>
        SwiGluQuantization.Store(ActivationLayout.Int16, sums, firstRow, rows, firstToken, tokens, epilogue);
}
