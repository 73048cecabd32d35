using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>What both epilogues of bounded logits begin with.</summary>
[KernelTemplate]
public static unsafe class CappedSums
{
    /// <summary>Adds the bias and bounds what comes out, in place.</summary>
    public static void Cap(float* sums, nint firstRow, nint rows, nint tokens, EpilogueArguments* epilogue)
    {
        for (nint token = 0; token < tokens; token++)
        {
            var s = sums + (token * MatMulInt.SumStride);
            for (nint row = 0; row < rows && epilogue->Bias != null; row += Simd.Width)
                Simd.Store(s + row, Simd.Add(Simd.Load(s + row), Simd.Load(epilogue->Bias + firstRow + row)));
            Activations.Cap(s, rows, 1f, epilogue->Softcap);
        }
    }
}
