using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// A text model that reads images: the states of a SigLIP encoder, projected to the text's width, stand in place of placeholder tokens. LLaVA (Liu et al.,
/// 2023) projects every patch by a feed-forward; Idefics3 and SmolVLM (Hugging Face, 2024) by one matrix, after squares of patches became one row each.
/// </summary>
internal static class ImageText
{
    private static readonly Key Strategy = new(null, "vision_feature_select_strategy");

    public static ModelGraph? BuildLlava(ModelReader model)
    {
        if (!EncoderParts.IsFolder(model))
            return null;
        var activation = Activations.Of(model, "projector_hidden_act", model.Text(new Key(null, "projector_hidden_act")) ?? "gelu", Activation.Gelu);
        // Of the states before the first layer, after it, ..., after the last.
        var state = model.Integer(new Key(null, "vision_feature_layer"), -4096, 4096, -2);
        if (model.Text(Strategy) is not "full")
            model.Error(ProblemCodes.FeatureUnsupported, $"{model.Name(Strategy)} must be full: without its first patch an image's states are those of a class token, which SigLIP has not. Use a model with a SigLIP encoder.", model.Name(Strategy));
        model.Accept("image_seq_length");
        var prefix = model.HasTensor("model.multi_modal_projector.linear_1.weight") ? "model." : string.Empty;
        var vision = model.Inner("vision_config", (prefix + "vision_tower.vision_model.", string.Empty), (prefix + "vision_tower.", string.Empty));
        var text = model.Inner("text_config", ("model.language_model.", "model."), ("language_model.model.", "model."), ("language_model.lm_head.", "lm_head."), ("lm_head.", "lm_head."));
        return Build(model, vision, text, layers => state < 0 ? layers + 1 + state : state, hasNorm: false, (graph, x, from, to) =>
        {
            LinearPart Part(string name, string tensor, int columns) => new(
                name, model.Matrix(prefix + tensor + ".weight", to, columns), model.OptionalVector(prefix + tensor + ".bias", to));
            var up = graph.Linear("Projection1", x, Part("Projection1", "multi_modal_projector.linear_1", from.Width));
            return graph.Linear("Projection2", graph.Activate("ProjectionActivated", up, activation), Part("Projection2", "multi_modal_projector.linear_2", to));
        });
    }

    public static ModelGraph? BuildIdefics(ModelReader model)
    {
        if (!EncoderParts.IsFolder(model))
            return null;
        var factor = model.Integer(new Key(null, "scale_factor"), 1, 64, 2);
        var prefix = model.HasTensor("model.connector.modality_projection.proj.weight") ? "model." : string.Empty;
        var vision = model.Inner("vision_config", (prefix + "vision_model.", string.Empty));
        var text = model.Inner("text_config", (prefix + "text_model.", "model."), ("lm_head.", "lm_head."));
        return Build(model, vision, text, layers => layers, hasNorm: true, (graph, x, from, to) =>
        {
            var side = (int)Math.Sqrt(from.Context);
            if (side % factor != 0)
                model.Error(ProblemCodes.HyperparameterContradiction, $"scale_factor ({factor}) does not divide the {side} patches of an image's side. Download the model again.", "scale_factor");
            return graph.Linear("Projection", graph.PixelShuffle("PatchSquares", x, factor), new LinearPart(
                "Projection", model.Matrix(prefix + "connector.modality_projection.proj.weight", to, factor * factor * from.Width), null));
        });
    }

    /// <summary>Builds the graph of both; null where a reader has noted an error.</summary>
    /// <param name="model">The whole.</param>
    /// <param name="vision">Its vision encoder.</param>
    /// <param name="text">Its text model.</param>
    /// <param name="layersRun">How many of the encoder's layers run.</param>
    /// <param name="hasNorm">Whether the encoder's last norm does.</param>
    /// <param name="project">Projects a node of the encoder with its sizes to a width.</param>
    private static ModelGraph? Build(
        ModelReader model, ModelReader vision, ModelReader text, Func<int, int> layersRun, bool hasNorm, Func<GraphBuilder, int, DecoderConfig, int, int> project)
    {
        var token = model.Integer(new Key(null, "image_token_index", "image_token_id"), 0, 1 << 24);
        Accept(vision, text);
        ModelGraph? graph = null;
        if (vision.Manifest.Architecture is not ("siglip_vision_model" or "idefics3" or "idefics3_vision" or "smolvlm_vision"))
        {
            model.Error(
                ProblemCodes.ArchitectureUnknown,
                $"vision_config is of the architecture '{vision.Manifest.Architecture}'; this version knows siglip_vision_model, idefics3_vision and smolvlm_vision there. Use a model of one of these.",
                "vision_config.model_type");
        }
        else if (SiglipVision.Read(vision) is { } sizes)
        {
            var config = sizes.Config with { Layers = layersRun(sizes.Config.Layers) };
            if (config.Layers < 0 || config.Layers > sizes.Config.Layers)
                model.Error(ProblemCodes.HyperparameterRange, $"vision_feature_layer names no state of an encoder of {sizes.Config.Layers} layers. Download the model again.", "vision_feature_layer");
            var activation = Activations.Read(vision, Activation.GeluTanh);
            graph = ArchitectureRegistry.BuildText(text, new ImageFeatures(token, (builder, width) =>
            {
                builder.BeginPart(new GraphPart("vision", sizes.Input, config.Layers), config.Width);
                var parts = new EncoderParts(vision, config, builder);
                var x = SiglipVision.Layers(vision, parts, sizes, activation, string.Empty);
                return project(builder, hasNorm ? parts.Norm("FinalNorm", x, "post_layernorm") : x, config, width);
            }));
        }

        model.Absorb(vision);
        model.Absorb(text);
        return model.Failed ? null : graph! with { Architecture = model.Manifest.Architecture };
    }

    // Of how images are prepared, of what others run the models with, and of parts that these do not have.
    private static void Accept(ModelReader vision, ModelReader text)
    {
        vision.Accept("vision_use_head", "projection_dim", "vocab_size", "max_image_size.longest_edge", "size.longest_edge");
        text.Accept("neftune_noise_alpha", "pixel_shuffle_factor", "_flash_attn_2_enabled");
        foreach (var entry in text.Manifest.Metadata.Where(entry => entry.Key.StartsWith("config.perceiver_config.", StringComparison.Ordinal)))
            text.Name(entry.Key);
    }
}

/// <summary>What stands in place of some tokens' embedding.</summary>
/// <param name="Token">The placeholder's id.</param>
/// <param name="Build">Builds a part that gives rows of the text's width, and answers their node.</param>
internal sealed record ImageFeatures(int Token, Func<GraphBuilder, int, int> Build);
