using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Phi (2023), Phi-2: attention and a plain feed-forward read one layer norm; biases everywhere, the head included; a part of each head is rotated.</summary>
internal static class Phi
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder
        {
            FolderTensors = new DecoderTensors
            {
                FinalNorm = "model.final_layernorm", AttentionOutput = "self_attn.dense", QueryNorm = "self_attn.q_layernorm", KeyNorm = "self_attn.k_layernorm",
                Up = "mlp.fc1", Down = "mlp.fc2",
            },
            Norm = NormKind.Layer,
            Epsilon = 1e-5,
            Form = LayerForm.Parallel,
            HeadNorms = model.Flag(new Key(null, "qk_layernorm"), fallback: false) ? HeadNormForm.Shared : HeadNormForm.None,
            RotaryShare = 0.5,
            Activation = Activation.GeluTanh,
            IsGated = false,
        };
    }
}

/// <summary>Phi-3 and Phi-4 (2024): a llama with fused matrices, and longrope.</summary>
internal static class Phi3
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        // What Phi-4's small models repeat; the head's bias is found by its tensor.
        model.Repeats(new Key(null, "full_attn_mod"), 1);
        model.Repeats(new Key(null, "interpolate_factor"), 1);
        model.Accept("lm_head_bias");
        return new Decoder { Epsilon = 1e-5, Layers = new LayerPattern { Windows = LayerWindows.Of(model, _ => true) } };
    }
}
