using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>What both quantizing gate epilogues do: two tiles of rows interleaved by 16 (gate, up) give one block of 32 values.</summary>
[KernelTemplate]
public static unsafe class GateQuantization
{
    /// <summary>Quantizes activation(gate) * up; otherwise like <see cref="Epilogue.Apply"/>.</summary>
    public static void Store(
        [Constant] ActivationLayout activations, float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
        var blocks = (epilogue->OutputWidth + (Quantization.BlockLength - 1)) / Quantization.BlockLength;
        for (nint token = 0; token < tokens; token++)
        {
            var s = sums + (token * MatMulInt.SumStride);
            var values = new Registers<FloatVector>(Quantization.Vectors);
            foreach (var v in Unroll.Range(Quantization.Vectors / 2))
            {
                values[v] = GateEpilogue.Value(s, firstRow, v * Simd.Width, epilogue);
                values[(Quantization.Vectors / 2) + v] = rows == 64 ? GateEpilogue.Value(s, firstRow, 32 + (v * Simd.Width), epilogue) : Simd.Zero();
            }

            var y = epilogue->Output + ((firstToken + token) * epilogue->OutputStride);
            Quantization.Store(activations, ref values, y, firstRow / 64, blocks);
        }
    }
}
