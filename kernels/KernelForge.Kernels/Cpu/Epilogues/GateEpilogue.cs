using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Rows interleaved by 16 (gate, up): stores activation(gate) * up, or a clamped unit of both, as float32.</summary>
[KernelTemplate]
public static unsafe class GateEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
        var width = epilogue->OutputWidth - (firstRow / 2);
        for (nint token = 0; token < tokens; token++)
        {
            var s = sums + (token * MatMulInt.SumStride);
            var y = (float*)(epilogue->Output + ((firstToken + token) * epilogue->OutputStride)) + (firstRow / 2);
            for (nint row = 0; row < rows; row += 32)
            {
                foreach (var v in Unroll.Range(16 / Simd.Width))
                {
                    var to = (row / 2) + (v * Simd.Width);
                    var x = Value(s, firstRow, row + (v * Simd.Width), epilogue);
                    if (to + Simd.Width <= width)
                        Simd.Store(y + to, x);
                    else
                        Simd.StorePartial(y + to, x, width - to);
                }
            }
        }
    }

    /// <summary>The values of the gates at <paramref name="row"/> and the ups 16 rows later.</summary>
    public static FloatVector Value(float* sums, nint firstRow, nint row, EpilogueArguments* epilogue)
    {
        var gate = Simd.Load(sums + row);
        var up = Simd.Load(sums + row + 16);
        if (epilogue->Bias != null)
        {
            gate = Simd.Add(gate, Simd.Load(epilogue->Bias + firstRow + row));
            up = Simd.Add(up, Simd.Load(epilogue->Bias + firstRow + row + 16));
        }

        if (epilogue->Limit > 0f)
            return Activations.Clamped(gate, up, epilogue->Slope, epilogue->Limit);
        return epilogue->Activation == 0 ? Exponential.SwiGlu(gate, up) : Simd.Multiply(Activations.Apply(epilogue->Activation, gate), up);
    }
}
