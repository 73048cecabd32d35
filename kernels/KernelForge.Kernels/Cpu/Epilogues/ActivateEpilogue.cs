using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Stores activation(result + bias) as float32.</summary>
[KernelTemplate]
public static unsafe class ActivateEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
        var width = epilogue->OutputWidth - firstRow;
        for (nint token = 0; token < tokens; token++)
        {
            var s = sums + (token * MatMulInt.SumStride);
            var y = (float*)(epilogue->Output + ((firstToken + token) * epilogue->OutputStride)) + firstRow;
            for (nint row = 0; row < rows; row += Simd.Width)
            {
                var x = Simd.Load(s + row);
                if (epilogue->Bias != null)
                    x = Simd.Add(x, Simd.Load(epilogue->Bias + firstRow + row));
                x = Activations.Apply(epilogue->Activation, x);
                if (row + Simd.Width <= width)
                    Simd.Store(y + row, x);
                else
                    Simd.StorePartial(y + row, x, width - row);
            }
        }
    }
}
