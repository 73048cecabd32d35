using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>Keeps the largest logit of this worker's rows for each token, of equal ones the lowest index. A logit that is not finite leaves NaN there, whatever else is seen.</summary>
[KernelTemplate]
public static unsafe class ArgMaxEpilogue
{
    /// <summary>See <see cref="Epilogue.Apply"/>.</summary>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue)
    {
        var width = epilogue->OutputWidth - firstRow < rows ? epilogue->OutputWidth - firstRow : rows;
        for (nint token = 0; token < tokens; token++)
        {
            var s = sums + (token * MatMulInt.SumStride);
            var best = epilogue->Best + firstToken + token;
            for (nint row = 0; row < width; row++)
            {
                var logit = epilogue->Bias == null ? s[row] : s[row] + epilogue->Bias[firstRow + row];
                var index = (int)(firstRow + row);
                var poison = logit - logit; // 0, or NaN where the logit is not finite
                if (best->Index < 0 || poison != 0f || logit > best->Value || (logit == best->Value && index < best->Index))
                {
                    best->Value = logit + poison;
                    best->Index = index;
                }
            }
        }
    }
}
