using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Hunyuan dense (Tencent, 2025): norms of heads after the rotation, and an NTK scaling with a factor of its own.</summary>
internal static class HunyuanDense
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder
        {
            FolderTensors = new DecoderTensors { QueryNorm = "self_attn.query_layernorm", KeyNorm = "self_attn.key_layernorm" },
            HeadNorms = HeadNormForm.SharedAfterRotary,
        };
    }
}
