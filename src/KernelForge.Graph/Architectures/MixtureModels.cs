using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Mixtral (Jiang et al., 2024): a Mistral whose layers have eight experts, of which two compute a token.</summary>
internal static class Mixtral
{
    /// <summary>Names of the experts' matrices in its folders, and in those of what is built like it.</summary>
    public static readonly DecoderTensors Folder = new()
    {
        Router = "block_sparse_moe.gate",
        ExpertGate = "block_sparse_moe.experts.{0}.w1.weight", ExpertUp = "block_sparse_moe.experts.{0}.w3.weight", ExpertDown = "block_sparse_moe.experts.{0}.w2.weight",
    };

    public static Decoder Describe(ModelReader model) => Mistral.Windowed(model, published: 0) with
    {
        FolderTensors = Folder,
        Epsilon = 1e-5,
        Rotaries = RotaryKeys.From(1_000_000),
        Mixture = Mixture.Read(model, RoutingScore.Softmax, normalizes: true),
    };
}

/// <summary>OLMoE (Muennighoff et al., 2024): small experts, a norm of all queries and of all keys together.</summary>
internal static class Olmoe
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder
        {
            Epsilon = 1e-5,
            HeadNorms = HeadNormForm.Whole,
            Mixture = Mixture.Read(model, RoutingScore.Softmax, model.Flag(new Key(null, "norm_topk_prob"), fallback: false)),
        };
    }
}

/// <summary>Granite 3's mixtures (IBM, 2024): gate and up of all experts in one matrix, shares among the chosen.</summary>
internal static class GraniteMoe
{
    public static Decoder Describe(ModelReader model) => Granite.Describe(model) with
    {
        FolderTensors = new DecoderTensors
        {
            Router = "block_sparse_moe.router.layer", ExpertGate = "block_sparse_moe.input_linear.weight", ExpertDown = "block_sparse_moe.output_linear.weight",
        },
        Mixture = Mixture.Read(model, RoutingScore.SoftmaxOfChosen, normalizes: false) with
        {
            Form = model.IsFolder ? ExpertForm.GateThenUp : ExpertForm.Separate,
            // GGUF gives the mixtures with a shared feed-forward this name too.
            SharedHidden = model.Integer(new Key("expert_shared_feed_forward_length"), 0, 1 << 22, 0),
        },
    };
}

/// <summary>Qwen's mixtures: Qwen1.5-MoE and Qwen2-MoE (2024) with a shared expert that a sigmoid weighs, Qwen3-MoE (2025) without.</summary>
internal static class QwenMoe
{
    public static Decoder Describe2(ModelReader model)
    {
        var key = new Key("expert_shared_feed_forward_length", "shared_expert_intermediate_size");
        var shared = model.Integer(key, 0, 1 << 22, model.IsUnsaid(key) ? 5632 : 0);
        var mixture = Mixture.Read(model, RoutingScore.Softmax, model.Flag(new Key(null, "norm_topk_prob"), fallback: false)) with { SharedHidden = shared };
        return Describe(model, Qwen2.Describe(model, (layer, first) => layer % 2 == 0 && layer < first), mixture) with
        {
            FolderTensors = new DecoderTensors
            {
                SharedGate = "mlp.shared_expert.gate_proj", SharedUp = "mlp.shared_expert.up_proj", SharedDown = "mlp.shared_expert.down_proj",
            },
        };
    }

    public static Decoder Describe3(ModelReader model) =>
        Describe(model, Qwen3.Describe(model, (_, _) => true), Mixture.Read(model, RoutingScore.Softmax, model.Flag(new Key(null, "norm_topk_prob"), fallback: !model.IsFolder)));

    private static Decoder Describe(ModelReader model, Decoder dense, Mixture mixture)
    {
        var layers = DecoderConfig.LayerCount(model);
        var step = model.Integer(new Key(null, "decoder_sparse_step"), 1, 4096, 1);
        var plain = model.IntegerList(new Key(null, "mlp_only_layers"));
        return dense with
        {
            Mixture = mixture,
            Layers = dense.Layers with { HasMixture = [.. Enumerable.Range(0, layers).Select(layer => (layer + 1) % step == 0 && !plain.Contains(layer))] },
        };
    }
}

/// <summary>Mixtures in DeepSeek-V3's manner: sigmoid scores, corrected for the choice, in groups; the first layers are dense, and every token passes a shared expert.</summary>
internal static class SigmoidMixture
{
    /// <summary>GLM-4.5 (2025).</summary>
    public static Decoder DescribeGlm4(ModelReader model) => Corrected(model, new SigmoidDefaults(Leading: 1), Glm.Describe(model) with
    {
        Epsilon = 1e-5,
        Pairing = Pairing.Halves,
        HeadNorms = model.Flag(new Key(null, "use_qk_norm"), model.HasTensor("blk.0.attn_q_norm.weight")) ? HeadNormForm.Shared : HeadNormForm.None,
        GgufTensors = DecoderTensors.Gguf with { FeedForwardNorm = "post_attention_norm" },
    });

    /// <summary>dots.llm1 (2025).</summary>
    public static Decoder DescribeDots(ModelReader model)
    {
        model.AcceptBiases();
        var first = model.Integer(new Key(null, "max_window_layers"), 0, int.MaxValue, 62);
        var windows = LayerWindows.Of(model, layer => layer >= first, published: 4096);
        var decoder = new Decoder { Epsilon = 1e-6, HeadNorms = HeadNormForm.Shared, Layers = new LayerPattern { Windows = windows } };
        return Corrected(model, new SigmoidDefaults(Leading: 0) { Shared = 0, Normalizes = false }, decoder);
    }

    /// <summary>A dense decoder with such a mixture.</summary>
    /// <param name="model">The model.</param>
    /// <param name="published">What a folder that does not say has.</param>
    /// <param name="dense">The decoder without it.</param>
    public static Decoder Corrected(ModelReader model, SigmoidDefaults published, Decoder dense)
    {
        model.Expect(new Key(null, "scoring_func"), "sigmoid", "noaux_tc");
        model.Expect(new Key(null, "topk_method"), "noaux_tc");
        model.Repeats(new Key(null, "moe_layer_freq"), 1);
        Key normalizes = new("expert_weights_norm", "norm_topk_prob"), sharedKey = new("expert_shared_count", "n_shared_experts");
        Key scale = new("expert_weights_scale", "routed_scaling_factor"), leading = new("leading_dense_block_count", "first_k_dense_replace");
        var mixture = Mixture.Read(model, RoutingScore.Sigmoid, model.Flag(normalizes, !model.IsFolder || (model.IsUnsaid(normalizes) && published.Normalizes)))
            .InGroups(model, groupScore: 2, (published.Groups, published.ActiveGroups));
        var shared = model.Integer(sharedKey, 0, 1024, model.IsUnsaid(sharedKey) ? published.Shared : 0);
        return dense with
        {
            Mixture = mixture with
            {
                SharedHidden = shared * mixture.Hidden,
                Routing = mixture.Routing with { Scale = (float)model.Real(scale, 1e-6, 1e6, model.IsUnsaid(scale) ? published.Scale : 1) },
            },
            Layers = dense.Layers with { HasMixture = Mixture.From(model, model.Integer(leading, 0, 4096, model.IsUnsaid(leading) ? published.Leading : 0)) },
        };
    }
}

/// <summary>What a folder of <see cref="SigmoidMixture"/> has that its <c>config.json</c> does not say: what its authors' configuration class begins with.</summary>
/// <param name="Leading">Dense layers before the others.</param>
internal sealed record SigmoidDefaults(int Leading)
{
    /// <summary>Experts that every token passes.</summary>
    public int Shared { get; init; } = 1;

    /// <summary>Groups of experts.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Groups that are chosen from.</summary>
    public int ActiveGroups { get; init; } = 1;

    /// <summary>Factor of the weights.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether the weights are divided by their sum.</summary>
    public bool Normalizes { get; init; } = true;
}

/// <summary>ERNIE 4.5's mixtures (Baidu, 2025): softmax scores, corrected for the choice; dense layers before, between and after as the model says.</summary>
internal static class ErnieMoe
{
    public static Decoder Describe(ModelReader model)
    {
        var mixture = Mixture.Read(model, RoutingScore.Softmax, normalizes: true);
        // Of a folder that does not say, the published model's.
        var shared = model.Integer(new Key("expert_shared_count", "moe_num_shared_experts"), 0, 1024, model.IsFolder ? 2 : 0);
        var layers = DecoderConfig.LayerCount(model);
        var first = model.Integer(new Key("leading_dense_block_count", "moe_layer_start_index"), 0, 4096, model.IsFolder ? 1 : 0);
        // The tensors' shapes say it again.
        model.Name(new Key("expert_shared_feed_forward_length"));
        model.Accept("moe_capacity", "moe_gate", "moe_use_aux_free", "moe_group");
        var last = model.Integer(new Key(null, "moe_layer_end_index"), -1, 4096, -1);
        var step = model.Integer(new Key("interleave_moe_layer_step", "moe_layer_interval"), 1, 4096, 1);
        return Ernie45.Describe(model) with
        {
            FolderTensors = new DecoderTensors { Correction = "mlp.moe_statics.e_score_correction_bias" },
            Mixture = mixture with
            {
                SharedHidden = shared * mixture.Hidden,
                Routing = mixture.Routing with { LeastSum = (float)model.Real(new Key(null, "moe_norm_min"), 1e-30, 1, 1e-12) },
            },
            Layers = new LayerPattern
            {
                HasMixture = [.. Enumerable.Range(0, layers).Select(layer => layer >= first && layer <= (last < 0 ? layers - 1 : last) && (layer + 1) % step == 0)],
            },
        };
    }
}

/// <summary>Hunyuan's mixtures (Tencent, 2025): a shared feed-forward as wide as an expert.</summary>
internal static class HunyuanMoe
{
    public static Decoder Describe(ModelReader model)
    {
        var mixture = Mixture.Read(model, RoutingScore.Softmax, normalizes: true);
        // The width of what is shared counts them in.
        model.Name(new Key("expert_shared_count"));
        return HunyuanDense.Describe(model) with
        {
            FolderTensors = new DecoderTensors
            {
                QueryNorm = "self_attn.query_layernorm", KeyNorm = "self_attn.key_layernorm", Router = "mlp.gate.wg",
                SharedGate = "mlp.shared_mlp.gate_proj", SharedUp = "mlp.shared_mlp.up_proj", SharedDown = "mlp.shared_mlp.down_proj",
            },
            Mixture = mixture with { SharedHidden = model.Integer(new Key("expert_shared_feed_forward_length"), 1, 1 << 22, mixture.Hidden) },
        };
    }
}
