using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>What the epilogues with a float32 output do, row by row.</summary>
[KernelTemplate]
public static unsafe class FloatOutput
{
    /// <summary>Takes the sums into the output; otherwise like <see cref="Epilogue.Apply"/>.</summary>
    public static void Take([Constant] OutputForm form, float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
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
                if (form == OutputForm.Activate)
                    x = Activations.Apply(epilogue->Activation, x);
                if (row + Simd.Width <= width)
                    Simd.Store(y + row, form == OutputForm.Add ? Simd.Add(Simd.Load(y + row), x) : x);
                else
                    Simd.StorePartial(y + row, form == OutputForm.Add ? Simd.Add(Simd.LoadPartial(y + row, width - row), x) : x, width - row);
            }
        }
    }
}
