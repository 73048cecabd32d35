using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>BART (Lewis et al., 2020): learned positions, norms after each sum and after the embedding, one table of tokens for both parts, and a bias of the logits.</summary>
internal static class Bart
{
    // The first two rows of the positions are not in use.
    private const int UnusedPositions = 2;

    public static ModelGraph? Build(ModelReader model)
    {
        if (!EncoderParts.IsFolder(model))
            return null;
        var table = new[] { "shared", "encoder.embed_tokens", "decoder.embed_tokens" }.Select(name => "model." + name + ".weight").FirstOrDefault(model.HasTensor) ?? "model.shared.weight";
        var (encoderSizes, decoderSizes) = SpeechAndText.Sizes(model, DecoderConfig.VocabularyOf(model, table), new Key(null, "max_position_embeddings"), new Key(null, "max_position_embeddings"));
        var activation = Activations.Read(model, Activation.Gelu);
        var factor = SpeechAndText.EmbeddingScale(model, encoderSizes.Width);
        Accept(model);
        if (model.Failed)
            return null;

        var graph = new GraphBuilder(encoderSizes.Width);
        var layers = new EncoderDecoder(model, graph, new EncoderDecoderForm(new LayerNames(), new LayerNames(), NormKind.Layer, IsPreNorm: false, activation));
        var tokens = model.Matrix(table, encoderSizes.Vocabulary, encoderSizes.Width);
        int Embed(EncoderParts parts, string path)
        {
            var all = model.Matrix(path + "embed_positions.weight", parts.Config.Context + UnusedPositions, parts.Config.Width);
            var positions = all with { Rows = parts.Config.Context, View = TensorView.Rows(UnusedPositions, all.Columns) };
            var embedded = graph.Add("EmbeddingWithPosition", graph.Embedding("Embedding", tokens, factor), graph.Position("Position", positions));
            return parts.Norm("EmbeddingNorm", embedded, path + "layernorm_embedding");
        }

        graph.BeginPart(new GraphPart("encoder", new GraphInput.Tokens("encoder_input_ids", encoderSizes.Context), encoderSizes.Layers), encoderSizes.Width);
        var encoder = layers.Parts(encoderSizes);
        var states = layers.Layers(encoder, Embed(encoder, "model.encoder."), "model.encoder.layers.", -1);

        graph.EndPart();
        var decoder = layers.Parts(decoderSizes);
        var x = layers.Layers(decoder, Embed(decoder, "model.decoder."), "model.decoder.layers.", states);
        var bias = model.HasTensor("final_logits_bias") ? model.Row("final_logits_bias", decoderSizes.Vocabulary) : null;
        graph.Linear("Logits", x, new LinearPart("Logits", tokens, bias));
        return graph.Build(model.Manifest.Architecture, decoderSizes.Vocabulary, decoderSizes.Context, decoderSizes.Layers, default);
    }

    private static void Accept(ModelReader model)
    {
        model.RequireOn("normalize_embedding", "tie_word_embeddings");
        model.AcceptCopies("model.shared.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight");
    }
}
