using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Hunyuan dense (Tencent, 2025): norms of heads after the rotation, and an NTK scaling with a factor of its own.</summary>
internal static class HunyuanDense
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        Repeated(model);
        return new Decoder
        {
            Epsilon = 1e-5,
            FolderTensors = new DecoderTensors { QueryNorm = "self_attn.query_layernorm", KeyNorm = "self_attn.key_layernorm" },
            HeadNorms = HeadNormForm.SharedAfterRotary,
        };
    }

    // What the published folders say of the form that the architecture has anyhow, and of parts that only its other models have.
    private static void Repeated(ModelReader model)
    {
        model.Expect(new Key(null, "norm_type"), "rms");
        model.RequireOn("use_qk_norm", "use_rotary_pos_emb");
        model.Accept("attention_head_dim", "cla_share_factor", "org_vocab_size", "pool_type", "class_num", "dense_list", "mask_init_id", "anyres_pooling_size");
    }
}
