using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>LFM2 (Liquid AI, 2025): most layers have a short convolution in place of attention.</summary>
internal static class Lfm2
{
    private static readonly Key Types = new(null, "layer_types");
    private static readonly Key Attentive = new(null, "full_attn_idxs");

    public static Decoder Describe(ModelReader model)
    {
        Accept(model);
        return new Decoder
        {
            FolderTensors = new DecoderTensors
            {
                FinalNorm = "model.embedding_norm", AttentionNorm = "operator_norm", FeedForwardNorm = "ffn_norm", AttentionOutput = "self_attn.out_proj",
                QueryNorm = "self_attn.q_layernorm", KeyNorm = "self_attn.k_layernorm", Gate = "feed_forward.w1", Up = "feed_forward.w3", Down = "feed_forward.w2",
            },
            GgufTensors = DecoderTensors.Gguf with { FinalNorm = model.HasTensor("token_embd_norm.weight") ? "token_embd_norm" : "output_norm" },
            Epsilon = 1e-5,
            HeadNorms = HeadNormForm.Shared,
            Taps = model.Integer(new Key("shortconv.l_cache", "conv_L_cache"), 1, 1024),
            Hidden = Hidden(model),
            Rotaries = EquatableArray.Create(RotaryKeys.Single with { Theta = new Key("rope.freq_base", "rope_parameters.rope_theta", "rope_theta", "theta"), Default = 1_000_000 }),
            Layers = new LayerPattern { HasAttention = HasAttention(model) },
        };
    }

    // The first folders have more names for the same sizes, and options that only training knew.
    private static void Accept(ModelReader model)
    {
        model.AcceptBiases();
        var width = DecoderConfig.WidthOf(model);
        foreach (var name in new[] { "block_dim", "conv_dim", "conv_dim_out" })
            model.Repeats(new Key(null, name), width);
        model.Repeats(new Key(null, "num_heads"), DecoderConfig.HeadCount(model));
        model.Accept("conv_bias", "tie_embedding", "block_mlp_init_scale", "block_out_init_scale", "block_use_xavier_init", "conv_use_xavier_init", "block_norm_eps");
        model.RequireOn("block_use_swiglu", "use_pos_enc");
    }

    private static int? Hidden(ModelReader model)
    {
        if (!model.IsFolder)
            return null;
        var hidden = model.Integer(new Key(null, "block_ff_dim", "intermediate_size"), 1, 1 << 22);
        model.Name(DecoderConfig.HiddenKey);
        var factor = model.Real(new Key(null, "block_ffn_dim_multiplier"), 1e-3, 1e3, 1);
        var multiple = model.Integer(new Key(null, "block_multiple_of"), 1, 1 << 20, 256);
        if (!model.Flag(new Key(null, "block_auto_adjust_ff_dim"), fallback: true))
            return hidden;
        // Two thirds, times the factor, rounded up to the multiple.
        var adjusted = ((long)(factor * (2L * hidden / 3)) + multiple - 1) / multiple * multiple;
        if (adjusted <= 1 << 22)
            return (int)adjusted;
        var key = model.Name(new Key(null, "block_ffn_dim_multiplier"));
        model.Error(ProblemCodes.HyperparameterRange, $"{key} ({factor}) makes the feed-forward {adjusted} values wide; at most {1 << 22} are possible. Convert the model again.", key);
        return hidden;
    }

    private static bool[] HasAttention(ModelReader model)
    {
        var layers = DecoderConfig.LayerCount(model);
        if (!model.IsFolder)
            return [.. model.Integers(DecoderConfig.KeyValueHeadsKey, layers, 0, 4096)?.Select(heads => heads > 0) ?? Enumerable.Repeat(true, layers)];
        if (model.Text(Types) is not { } text)
        {
            var attentive = model.IntegerList(Attentive);
            return [.. Enumerable.Range(0, layers).Select(layer => !model.Has(Attentive) || attentive.Contains(layer))];
        }

        // What the list of indices says, the types say too.
        model.Name(Attentive);
        var types = text.Split(',');
        if (types.Length == layers && types.All(type => type is "conv" or "full_attention"))
            return [.. types.Select(type => type == "full_attention")];
        model.Error(ProblemCodes.FeatureUnsupported, $"{model.Name(Types)} is '{text}'; {layers} entries, each conv or full_attention, are what this architecture knows.", model.Name(Types));
        return new bool[layers];
    }
}
