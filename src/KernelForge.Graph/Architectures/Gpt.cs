using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>GPT-2 (Radford et al., 2019): learned positions, layer norms, a plain feed-forward, matrices stored transposed in its folders.</summary>
internal static class Gpt2
{
    public static Decoder Describe(ModelReader model)
    {
        if (!model.Flag(new Key(null, "scale_attn_weights"), fallback: true) || model.Flag(new Key(null, "scale_attn_by_inverse_layer_idx"), fallback: false))
            model.Error(ProblemCodes.FeatureUnsupported, "The model scales its scores in a way of its own, which this version does not compile.", "scale_attn_weights");
        // Only the order of computation differs.
        model.Accept("reorder_and_upcast_attn");
        // The first published files lack the prefix.
        var prefix = model.HasTensor("wte.weight") ? string.Empty : "transformer.";
        return new Decoder
        {
            FolderTensors = new DecoderTensors
            {
                Embedding = prefix + "wte", Positions = prefix + "wpe", FinalNorm = prefix + "ln_f", Layers = prefix + "h.",
                AttentionNorm = "ln_1", QueryKeyValue = "attn.c_attn", AttentionOutput = "attn.c_proj",
                FeedForwardNorm = "ln_2", Up = "mlp.c_fc", Down = "mlp.c_proj", IsTransposed = true,
            },
            Norm = NormKind.Layer,
            Epsilon = 1e-5,
            HasLearnedPositions = true,
            Activation = Activation.GeluTanh,
            IsGated = false,
        };
    }
}

/// <summary>GPT-NeoX (Black et al., 2022), Pythia: a part of each head is rotated; query, key and value alternate by head in one matrix.</summary>
internal static class GptNeoX
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder
        {
            FolderTensors = new DecoderTensors
            {
                Embedding = "gpt_neox.embed_in", FinalNorm = "gpt_neox.final_layer_norm", Head = "embed_out", Layers = "gpt_neox.layers.",
                QueryKeyValue = "attention.query_key_value", AttentionOutput = "attention.dense", Up = "mlp.dense_h_to_4h", Down = "mlp.dense_4h_to_h",
            },
            Norm = NormKind.Layer,
            Epsilon = 1e-5,
            Form = model.Flag(new Key("use_parallel_residual", "use_parallel_residual"), fallback: true) ? LayerForm.ParallelNorms : LayerForm.PreNorm,
            HasQueryKeyValueByHead = true,
            RotaryShare = 0.25,
            Activation = Activation.Gelu,
            IsGated = false,
        };
    }
}

/// <summary>StarCoder2 (2024): layer norms, biases, a plain feed-forward and a sliding window.</summary>
internal static class StarCoder2
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        model.Expect(new Key(null, "norm_type"), "layer_norm");
        model.Expect(new Key(null, "mlp_type"), "default");
        return new Decoder
        {
            FolderTensors = new DecoderTensors { Up = "mlp.c_fc", Down = "mlp.c_proj" },
            Norm = NormKind.Layer,
            Epsilon = 1e-5,
            Activation = Activation.GeluTanh,
            IsGated = false,
            Layers = new LayerPattern { Windows = LayerWindows.Of(model, _ => true) },
        };
    }
}

/// <summary>StableLM (2023): layer norms, and a quarter of each head is rotated.</summary>
internal static class StableLm
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        // Shifts of norms are found by their tensors.
        model.Accept("use_norm_bias");
        model.Real(new Key(null, "rotary_scaling_factor"), 1, 1, 1);
        return new Decoder
        {
            FolderTensors = new DecoderTensors { QueryNorm = "self_attn.q_layernorm", KeyNorm = "self_attn.k_layernorm" },
            Norm = NormKind.Layer,
            Epsilon = 1e-5,
            Form = model.Flag(new Key("use_parallel_residual", "use_parallel_residual"), fallback: false) ? LayerForm.Parallel : LayerForm.PreNorm,
            HeadNorms = model.Flag(new Key(null, "qk_layernorm"), model.HasTensor("blk.0.attn_q_norm.weight")) ? HeadNormForm.PerHead : HeadNormForm.None,
            RotaryShare = 0.25,
        };
    }
}
