using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>DeepSeek-V2 and V3 (2024): attention over latents, dense layers before a mixture of experts with shared ones. GGUF has one name for both.</summary>
internal static class DeepSeek
{
    private static readonly Key Scoring = new(null, "scoring_func");
    private static readonly Key Method = new(null, "topk_method");

    /// <summary>The second version: shares of a softmax, in groups that their best expert stands for.</summary>
    public static Decoder Describe2(ModelReader model)
    {
        model.Expect(Scoring, "softmax");
        model.Expect(Method, "greedy", "group_limited_greedy");
        if (model.IsFolder && model.Flag(new Key(null, "norm_topk_prob"), fallback: false))
            model.Error(ProblemCodes.FeatureUnsupported, "norm_topk_prob is true, which the implementations of this architecture understand differently. Use a model without it.", "norm_topk_prob");
        var mixture = Mixture.Read(model, RoutingScore.Softmax, model.Flag(new Key("expert_weights_norm"), fallback: false));
        if (model.Text(Method) == "group_limited_greedy" || !model.IsFolder)
            mixture = mixture.InGroups(model, groupScore: 1, (1, 1));
        else
            AcceptUnusedGroups(model);
        var sharedKey = new Key("expert_shared_count", "n_shared_experts");
        var shared = model.Integer(sharedKey, 0, 1024, model.IsUnsaid(sharedKey) ? 2 : 0);
        var dense = Dense(model);
        return dense with
        {
            Mixture = mixture with
            {
                SharedHidden = shared * mixture.Hidden,
                Routing = mixture.Routing with { Scale = (float)model.Real(new Key("expert_weights_scale", "routed_scaling_factor"), 1e-6, 1e6, 1) },
            },
            Layers = dense.Layers with { HasMixture = Mixture.From(model, model.Integer(new Key("leading_dense_block_count", "first_k_dense_replace"), 0, 4096, 0)) },
        };
    }

    /// <summary>The third: corrected sigmoids, in groups that their two best experts stand for.</summary>
    public static Decoder Describe3(ModelReader model)
    {
        model.Expect(Scoring, "sigmoid");
        model.Expect(Method, "noaux_tc");
        var isInterleaved = model.Flag(new Key(null, "rope_interleave"), fallback: true);
        var published = new SigmoidDefaults(Leading: 3) { Groups = 8, ActiveGroups = 4, Scale = 2.5 };
        return SigmoidMixture.Corrected(model, published, Dense(model) with { Pairing = isInterleaved ? Pairing.Neighbours : Pairing.Halves });
    }

    /// <summary>GGUF's: the function of the router's logits tells them apart; files without it are of the second.</summary>
    public static Decoder DescribeGguf(ModelReader model) =>
        model.Integer(new Key("expert_gating_func"), 0, 2, 1) == 2 ? Describe3(model) : Describe2(model);

    private static Decoder Dense(ModelReader model)
    {
        model.AcceptBiases();
        // How many machines share the experts changes nothing.
        model.Name(new Key(null, "ep_size"));
        model.Repeats(new Key(null, "moe_layer_freq"), 1);
        return new Decoder { Epsilon = 1e-6, Pairing = Pairing.Neighbours, Latent = Latent.Read(model) };
    }

    private static void AcceptUnusedGroups(ModelReader model)
    {
        model.Name(new Key(null, "n_group"));
        model.Name(new Key(null, "topk_group"));
    }
}

/// <summary>MiniCPM3 (2024): a dense decoder with attention over latents, and factors on the embedding, on what each layer adds, and on the logits.</summary>
internal static class MiniCpm3
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        // GGUF leaves the factors to the architecture.
        double Factor(string name, double published) => model.Real(new Key(null, name), 1e-6, 1e6, published);
        var (layers, width) = (DecoderConfig.LayerCount(model), DecoderConfig.WidthOf(model));
        return new Decoder
        {
            Epsilon = 1e-5,
            Latent = Latent.Read(model),
            EmbeddingScale = Factor("scale_emb", 12),
            ResidualScale = Factor("scale_depth", 1.4) / Math.Sqrt(layers),
            LogitScale = Factor("dim_model_base", 256) / width,
        };
    }
}
