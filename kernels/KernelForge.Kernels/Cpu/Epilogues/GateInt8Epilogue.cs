using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Rows interleaved by 16 (gate, up): stores activation(gate) * up as INT8.</summary>
[KernelTemplate]
public static unsafe class GateInt8Epilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue) =>
        GateQuantization.Store(ActivationLayout.Int8, sums, firstRow, rows, firstToken, tokens, epilogue);
}
