using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>GLM-4 of 2024: neighbouring pairs in half of each head, biases of query, key and value, fused gate and up.</summary>
internal static class Glm
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder { Epsilon = 1.5625e-7, Pairing = Pairing.Neighbours, RotaryShare = 0.5 };
    }
}

/// <summary>GLM-4 of 2025: norms after attention and feed-forward too.</summary>
internal static class Glm4
{
    public static Decoder Describe(ModelReader model) => Glm.Describe(model) with
    {
        FolderTensors = new DecoderTensors { PostAttentionNorm = "post_self_attn_layernorm", PostFeedForwardNorm = "post_mlp_layernorm" },
        Form = LayerForm.Sandwich,
    };
}
