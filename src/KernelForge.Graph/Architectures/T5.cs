using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>T5 (Raffel et al., 2020): no positions but a bias by distance that all layers share, scores that are not scaled, one table of tokens for both parts.</summary>
internal static class T5
{
    // Nothing in the model ends with some length: this is one that its users reach.
    private const int Longest = 4096;

    public static ModelGraph? Build(ModelReader model)
    {
        if (!EncoderParts.IsFolder(model))
            return null;
        Accept(model);
        var table = new[] { "shared", "encoder.embed_tokens", "decoder.embed_tokens" }.Select(name => name + ".weight").FirstOrDefault(model.HasTensor) ?? "shared.weight";
        var (encoderSizes, decoderSizes) = Sizes(model, table);
        var (activation, isGated) = FeedForward(model);
        var buckets = model.Integer(new Key(null, "relative_attention_num_buckets"), 4, 1 << 16, 32);
        var farthest = model.Integer(new Key(null, "relative_attention_max_distance"), buckets, 1 << 20, 128);
        var isTied = model.Flag(new Key(null, "tie_word_embeddings"), fallback: true);
        // The first models scale what the head reads, those with a head of their own do not; newer folders say it apart from that.
        var isScaled = model.Flag(new Key(null, "scale_decoder_outputs"), isTied);
        if (model.Failed)
            return null;

        var graph = new GraphBuilder(encoderSizes.Width);
        var form = new EncoderDecoderForm(Names(false, isGated), Names(true, isGated), NormKind.Rms, IsPreNorm: true, activation, Scale: 1);
        var layers = new EncoderDecoder(model, graph, form);
        var tokens = model.Matrix(table, encoderSizes.Vocabulary, encoderSizes.Width);
        RelativeBias Bias(string part) => new(model.Matrix($"{part}.block.0.layer.0.SelfAttention.relative_attention_bias.weight", buckets, encoderSizes.Heads), farthest);

        graph.BeginPart(new GraphPart("encoder", new GraphInput.Tokens("encoder_input_ids", Longest), encoderSizes.Layers), encoderSizes.Width);
        var encoder = layers.Parts(encoderSizes);
        var states = layers.Layers(encoder, graph.Embedding("Embedding", tokens, 1), "encoder.block.", -1, Bias("encoder"));
        states = encoder.Norm("FinalNorm", states, "encoder.final_layer_norm");

        graph.EndPart();
        var decoder = layers.Parts(decoderSizes);
        var x = layers.Layers(decoder, graph.Embedding("Embedding", tokens, 1), "decoder.block.", states, Bias("decoder"));
        var scale = model.Vector("decoder.final_layer_norm.weight", decoderSizes.Width) with { Factor = isScaled ? (float)(1 / Math.Sqrt(decoderSizes.Width)) : 1 };
        x = graph.Norm("FinalNorm", x, new Norm(NormKind.Rms, scale, null, decoderSizes.Epsilon));
        var head = isTied || !model.HasTensor("lm_head.weight") ? tokens : model.Matrix("lm_head.weight", decoderSizes.Vocabulary, decoderSizes.Width);
        graph.Linear("Logits", x, new LinearPart("Logits", head, null));
        return graph.Build(model.Manifest.Architecture, decoderSizes.Vocabulary, Longest, decoderSizes.Layers, default);
    }

    private static (DecoderConfig Encoder, DecoderConfig Decoder) Sizes(ModelReader model, string table)
    {
        var width = model.Integer(new Key(null, "d_model", "hidden_size"), 1, 1 << 18);
        var heads = model.Integer(new Key(null, "num_heads", "num_attention_heads"), 1, 4096);
        var layers = model.Integer(new Key(null, "num_layers", "num_hidden_layers"), 1, 4096);
        var encoder = new DecoderConfig(
            DecoderConfig.VocabularyOf(model, table), width, Longest, layers, model.Integer(new Key(null, "d_ff"), 1, 1 << 22), heads, heads,
            model.Integer(new Key(null, "d_kv"), 2, 1024), (float)model.Real(new Key(null, "layer_norm_epsilon"), 0, 1, 1e-6));
        return (encoder, encoder with { Layers = model.Integer(new Key(null, "num_decoder_layers"), 1, 4096, layers) });
    }

    /// <summary>"relu", "gated-silu", ...; "gated-gelu" means the approximation by tanh.</summary>
    private static (Activation Activation, bool IsGated) FeedForward(ModelReader model)
    {
        var key = new Key(null, "feed_forward_proj");
        var text = model.Text(key) ?? "relu";
        var isGated = model.Flag(new Key(null, "is_gated_act"), text.StartsWith("gated-", StringComparison.Ordinal));
        var name = model.Text(new Key(null, "dense_act_fn")) ?? (text == "gated-gelu" ? "gelu_new" : text.Substring(text.IndexOf('-') + 1));
        return (Activations.Of(model, model.Name(key), name, Activation.Relu), isGated);
    }

    private static LayerNames Names(bool isDecoder, bool isGated)
    {
        var fed = (isDecoder ? "layer.2" : "layer.1") + ".DenseReluDense.";
        return new LayerNames
        {
            Norm = "layer.0.layer_norm", Query = "layer.0.SelfAttention.q", Key = "layer.0.SelfAttention.k", Value = "layer.0.SelfAttention.v", Output = "layer.0.SelfAttention.o",
            CrossNorm = "layer.1.layer_norm", CrossQuery = "layer.1.EncDecAttention.q", CrossKey = "layer.1.EncDecAttention.k", CrossValue = "layer.1.EncDecAttention.v",
            CrossOutput = "layer.1.EncDecAttention.o", FeedForwardNorm = isDecoder ? "layer.2.layer_norm" : "layer.1.layer_norm",
            Gate = isGated ? fed + "wi_0" : null, Up = fed + (isGated ? "wi_1" : "wi"), Down = fed + "wo",
        };
    }

    private static void Accept(ModelReader model)
    {
        model.Accept("n_positions", "output_past", "use_bfloat16", "dropout_rate");
        model.AcceptCopies("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight");
        // Of early models: a table for attention to the encoder that nothing reads.
        model.AcceptCopies("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight");
    }
}
