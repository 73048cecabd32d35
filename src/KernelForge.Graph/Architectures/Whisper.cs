using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Whisper (Radford et al., 2022): two convolutions over the bands of a log-mel spectrogram, the second of which halves the rate, sinusoidal positions as a table, pre-norm layers.</summary>
internal static class Whisper
{
    private const int Taps = 3;
    private const int Stride = 2;

    public static ModelGraph? Build(ModelReader model)
    {
        if (!EncoderParts.IsFolder(model))
            return null;
        Accept(model);
        var table = model.HasTensor("model.decoder.embed_tokens.weight") || !model.HasTensor("proj_out.weight") ? "model.decoder.embed_tokens.weight" : "proj_out.weight";
        var (encoderSizes, decoderSizes) = SpeechAndText.Sizes(model, DecoderConfig.VocabularyOf(model, table), new Key(null, "max_source_positions"), new Key(null, "max_target_positions"));
        var (bands, width) = (model.Integer(new Key(null, "num_mel_bins"), 1, 4096), encoderSizes.Width);
        var activation = Activations.Read(model, Activation.Gelu);
        var factor = SpeechAndText.EmbeddingScale(model, width);
        if (model.Failed)
            return null;

        var graph = new GraphBuilder(width);
        var layers = new EncoderDecoder(model, graph, new EncoderDecoderForm(new LayerNames(), new LayerNames(), NormKind.Layer, IsPreNorm: true, activation));
        graph.BeginPart(new GraphPart("encoder", new GraphInput.Bands("input_features", Stride * encoderSizes.Context, bands), encoderSizes.Layers), width);
        var encoder = layers.Parts(encoderSizes);
        // GELU whatever the layers have: so it is in the model's own code.
        int Convolution(string name, string tensor, int read, int columns, int stride) => graph.Activate(
            name + "Activated",
            graph.Linear(name, graph.Window(name + "Window", read, Taps, stride), new LinearPart(
                name, model.Flattened($"model.encoder.{tensor}.weight", width, columns, Taps), model.Vector($"model.encoder.{tensor}.bias", width))),
            Activation.Gelu);
        var heard = Convolution("Convolution2", "conv2", Convolution("Convolution1", "conv1", graph.Input("Features", bands), bands, 1), width, Stride);
        heard = graph.Add("FeaturesWithPosition", heard, graph.Position("Position", model.Matrix("model.encoder.embed_positions.weight", encoderSizes.Context, width), heard));
        heard = encoder.Norm("FinalNorm", layers.Layers(encoder, heard, "model.encoder.layers.", -1), "model.encoder.layer_norm");

        graph.EndPart();
        var decoder = layers.Parts(decoderSizes);
        var tokens = model.Matrix(table, decoderSizes.Vocabulary, width);
        var positions = model.Matrix("model.decoder.embed_positions.weight", decoderSizes.Context, width);
        var x = graph.Add("EmbeddingWithPosition", graph.Embedding("Embedding", tokens, factor), graph.Position("Position", positions));
        x = decoder.Norm("FinalNorm", layers.Layers(decoder, x, "model.decoder.layers.", heard), "model.decoder.layer_norm");
        graph.Linear("Logits", x, new LinearPart("Logits", tokens, null));
        return graph.Build(model.Manifest.Architecture, decoderSizes.Vocabulary, decoderSizes.Context, decoderSizes.Layers, default);
    }

    // Of training, of generation, and of heads that are not part of it.
    private static void Accept(ModelReader model)
    {
        model.Accept(
            "suppress_tokens", "begin_suppress_tokens", "forced_decoder_ids", "classifier_proj_size", "median_filter_width", "apply_spec_augment", "alignment_heads",
            "mask_feature_length", "mask_feature_min_masks", "mask_feature_prob", "mask_time_length", "mask_time_min_masks", "mask_time_prob", "lang_ids", "suppress_ids", "begin_suppress_ids");
        model.RequireOn("tie_word_embeddings");
        model.AcceptCopies("proj_out.weight");
    }
}
