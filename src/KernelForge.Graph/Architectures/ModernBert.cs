using System.Globalization;
using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>ModernBERT (Warner et al., 2024): rotary positions, pre-norm layers whose first one has no norm, most of them with a window, a gated feed-forward.</summary>
internal static class ModernBert
{
    private static readonly RotaryKeys Global = RotaryKeys.Global with { Default = 160_000 };

    public static ModelGraph? Build(ModelReader model)
    {
        Accept(model);
        var prefix = model.HasTensor("model.embeddings.tok_embeddings.weight") ? "model." : string.Empty;
        if (EncoderParts.Sizes(model, prefix + "embeddings.tok_embeddings") is not { } config)
            return null;
        var windows = Windows(model);
        var rotaries = new[] { Global, RotaryKeys.Local }.Select(keys => RotaryReader.Read(model, keys, config.HeadSize, config.HeadSize, config.Context)).ToEquatableArray();
        if (model.Failed)
            return null;
        var activation = Activations.Read(model, Activation.Gelu);
        var parts = new EncoderParts(model, config);
        var graph = parts.Graph;
        var x = graph.Embedding("Embedding", model.Matrix(prefix + "embeddings.tok_embeddings.weight", config.Vocabulary, config.Width), 1);
        x = parts.Norm("EmbeddingNorm", x, prefix + "embeddings.norm");
        for (var layer = 0; layer < config.Layers && !model.Failed; layer++)
        {
            graph.Layer = layer;
            x = Layer(parts, config, activation, x, prefix + "layers." + layer.ToString(CultureInfo.InvariantCulture) + ".", windows[layer]);
        }

        graph.Layer = -1;
        x = parts.Norm("FinalNorm", x, prefix + "final_norm");
        return parts.Build(rotaries, new GraphOutput("last_hidden_state", x));
    }

    private static int Layer(EncoderParts parts, DecoderConfig config, Activation activation, int x, string path, int window)
    {
        var (graph, width, hidden, fused) = (parts.Graph, config.Width, config.Hidden, path + "attn.Wqkv");
        var (queries, keys) = (config.Heads * config.HeadSize, config.KeyValueHeads * config.HeadSize);
        var all = queries + (2 * keys);
        var read = graph.Layer == 0 ? x : parts.Norm("AttentionNorm", x, path + "attn_norm");
        var (query, key, value) = (
            parts.Linear("Query", read, fused, all, 0, queries), parts.Linear("Key", read, fused, all, queries, keys),
            parts.Linear("Value", read, fused, all, queries + keys, keys));
        var attended = parts.Attention(query, key, value, window, window > 0 ? 1 : 0);
        x = graph.Add("AttentionResidual", x, parts.Linear("AttentionOutput", attended, path + "attn.Wo", width, queries));
        read = parts.Norm("FeedForwardNorm", x, path + "mlp_norm");
        var (gate, up) = (parts.Linear("Gate", read, path + "mlp.Wi", 2 * hidden, 0, hidden), parts.Linear("Up", read, path + "mlp.Wi", 2 * hidden, hidden, hidden));
        return graph.Add("FeedForwardResidual", x, parts.Linear("Down", graph.Gate("GatedUnit", gate, up, activation), path + "mlp.Wo", width, hidden));
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
