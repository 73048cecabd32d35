using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>ModernBERT (Warner et al., 2024): rotary positions, pre-norm layers whose first one has no norm, most of them with a window, a gated feed-forward.</summary>
internal static class ModernBert
{
    private static readonly RotaryKeys Global = RotaryKeys.Global with { Default = 160_000 };

    public static readonly Encoder Form = new(Tensors, Describe);

    /// <summary>What its folders call its tensors.</summary>
    private static DecoderTensors Tensors(ModelReader model)
    {
        var prefix = model.HasTensor("model.embeddings.tok_embeddings.weight") ? "model." : string.Empty;
        return new DecoderTensors
        {
            Embedding = prefix + "embeddings.tok_embeddings", EmbeddingNorm = prefix + "embeddings.norm", FinalNorm = prefix + "final_norm", Layers = prefix + "layers.",
            AttentionNorm = "attn_norm", QueryKeyValue = "attn.Wqkv", AttentionOutput = "attn.Wo", FeedForwardNorm = "mlp_norm", GateUp = "mlp.Wi", Down = "mlp.Wo",
        };
    }

    private static GraphDeclaration? Describe(ModelReader model, DecoderTensors names)
    {
        if (!EncoderParts.IsFolder(model))
            return null;
        Accept(model);
        if (Encoder.Sizes(model, names) is not { } config)
            return null;
        var windows = Windows(model);
        Rope[] ropes = [.. new[] { Global, RotaryKeys.Local }
            .Select(keys => DecoderDeclaration.RopeOf(RotaryReader.Read(model, keys, config.HeadSize, config.HeadSize, config.Context), config.HeadSize, areNeighbours: false))];
        if (model.Failed)
            return null;
        var norm = new NormPart(NormKind.Layer, config.Epsilon);
        var fed = new FeedForwardPart(config.Hidden, Activations.Read(model, Activation.Gelu));
        var parts = new List<Part> { norm };
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var window = windows[layer];
            Part attention = new AttentionPart(config.Heads, config.KeyValueHeads, config.HeadSize, ropes[window > 0 ? 1 : 0])
            {
                Window = window > 0 && window < config.Context ? window : null, IsBidirectional = true,
            };
            parts.Add(new LayerPart(layer, EquatableArray.Create<Part>(
                new ResidualPart(layer == 0 ? EquatableArray.Create(attention) : EquatableArray.Create(norm with { }, attention)),
                new ResidualPart(EquatableArray.Create<Part>(norm with { }, fed)))));
        }

        parts.Add(norm with { });
        return new GraphDeclaration(config.Vocabulary, config.Width, config.Context, parts.ToEquatableArray()) { IsEncoder = true };
    }

    /// <summary>Of each layer: a token sees half of the local attention's tokens on each side, and itself.</summary>
    private static int[] Windows(ModelReader model)
    {
        var types = new Key(null, "layer_types");
        var layers = DecoderConfig.LayerCount(model);
        var period = model.Integer(new Key(null, "global_attn_every_n_layers"), 1, 4096, 3);
        var window = (model.Integer(new Key(null, "local_attention"), 2, RotaryReader.MostContext, 128) / 2) + 1;
        if (model.Text(types) is not { } text)
            return [.. Enumerable.Range(0, layers).Select(layer => layer % period == 0 ? 0 : window)];
        var named = text.Split(',');
        if (named.Length == layers && named.All(type => type is "sliding_attention" or "full_attention"))
            return [.. named.Select(type => type == "full_attention" ? 0 : window)];
        model.Error(
            ProblemCodes.FeatureUnsupported,
            $"{model.Name(types)} is '{text}'; {layers} entries, each sliding_attention or full_attention, are what this architecture knows.", model.Name(types));
        return new int[layers];
    }

    // Of heads that are not part of the encoder, and of how others run it; biases are found by their tensors.
    private static void Accept(ModelReader model)
    {
        model.Accept("decoder_bias", "classifier_bias", "classifier_pooling", "norm_bias", "deterministic_flash_attn", "sparse_prediction", "sparse_pred_ignore_index", "reference_compile", "repad_logits_with_grad", "position_embedding_type");
    }
}
