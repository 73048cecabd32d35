using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>What a matmul's epilogue needs to know; each epilogue reads only its own fields.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe struct EpilogueArguments
{
    /// <summary>[rows, padded to 32] added to the result, or null.</summary>
    public float* Bias;

    /// <summary>
    /// Where the result of row 0 of the matrix goes for token 0 (the output column is added already). For a quantized output the start of token
    /// 0's row.
    /// </summary>
    public byte* Output;

    /// <summary>Bytes from one token's output to the next.</summary>
    public nint OutputStride;

    /// <summary>Results of a token, not padded (half as many as rows for a gated unit); what the padding of the matrix gives is dropped.</summary>
    public nint OutputWidth;

    /// <summary>[tokens] this worker's best logits; the epilogue starts from what is there (<see cref="ArgMax.Index"/> -1: nothing yet).</summary>
    public ArgMax* Best;

    /// <summary>Number of the activation that a gate or an activated result takes; 0 is SiLU.</summary>
    public int Activation;

    /// <summary>Bound of bounded logits.</summary>
    public float Softcap;

    /// <summary>Of a clamped unit: what gate and up are kept within; 0: the unit is activation(gate) * up.</summary>
    public float Limit;

    /// <summary>Of a clamped unit: the slope of its sigmoid.</summary>
    public float Slope;
}
