using System.Globalization;
using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>The vision part of SigLIP (Zhai et al., 2023): patches with learned positions, pre-norm layers, and a head that asks all patches with one learned row.</summary>
internal static class SiglipVision
{
    public static ModelGraph? Build(ModelReader model)
    {
        if (!EncoderParts.IsFolder(model) || Read(model) is not { } sizes)
            return null;
        var prefix = model.HasTensor("vision_model.embeddings.patch_embedding.weight") ? "vision_model." : string.Empty;
        var parts = new EncoderParts(model, sizes.Config);
        var activation = Activations.Read(model, Activation.GeluTanh);
        var x = Layers(model, parts, sizes, activation, prefix);
        x = parts.Norm("FinalNorm", x, prefix + "post_layernorm");
        var state = new GraphOutput(EncoderOutputs.State, x);
        var outputs = model.Flag(new Key(null, "vision_use_head"), fallback: true) ? [state, new GraphOutput(EncoderOutputs.Pooler, Pool(model, parts, x, activation, prefix + "head."))] : new[] { state };
        return model.Failed ? null : parts.Build(outputs) with { Input = sizes.Input };
    }

    /// <summary>Builds patches, positions and layers, without the last norm.</summary>
    public static int Layers(ModelReader model, EncoderParts parts, VisionSizes sizes, Activation activation, string prefix)
    {
        var (graph, config, image, embeddings) = (parts.Graph, parts.Config, sizes.Input, prefix + "embeddings.");
        var matrix = model.Flattened(embeddings + "patch_embedding.weight", config.Width, image.Channels, image.Patch, image.Patch);
        var x = graph.Linear("PatchEmbedding", graph.Input("Patches", image.Width), new LinearPart(
            "PatchEmbedding", matrix, model.OptionalVector(embeddings + "patch_embedding.bias", config.Width)));
        x = graph.Add("EmbeddingWithPosition", x, graph.Position("Position", model.Matrix(embeddings + "position_embedding.weight", config.Context, config.Width), x));
        for (var layer = 0; layer < config.Layers && !model.Failed; layer++)
        {
            graph.Layer = layer;
            x = Layer(parts, x, activation, prefix + "encoder.layers." + layer.ToString(CultureInfo.InvariantCulture) + ".");
        }

        graph.Layer = -1;
        return x;
    }

    /// <summary>The checked sizes, or null.</summary>
    public static VisionSizes? Read(ModelReader model)
    {
        model.AcceptBiases();
        var width = DecoderConfig.WidthOf(model);
        var heads = DecoderConfig.HeadCount(model);
        var patch = model.Integer(new Key(null, "patch_size"), 1, 1024);
        var image = model.Integer(new Key(null, "image_size"), 1, 1 << 14);
        // Pixels beyond the last whole patch are cut off, as a convolution without padding does.
        var side = image / Math.Max(1, patch);
        if (side == 0 || width % heads != 0)
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"image_size ({image}) must be at least patch_size ({patch}), and num_attention_heads ({heads}) must divide hidden_size ({width}). Download the model again.", "image_size");
        }

        var config = new DecoderConfig(
            0, width, side * side, model.Integer(DecoderConfig.LayersKey, 1, 4096, 12), model.Integer(DecoderConfig.HiddenKey, 1, 1 << 22, 3072), heads, heads, Math.Max(1, width / Math.Max(1, heads)),
            (float)model.Real(DecoderConfig.LayerEpsilonKey, 0, 1, 1e-6));
        return model.Failed ? null : new VisionSizes(config, new GraphInput.Patches("pixel_values", model.Integer(new Key(null, "num_channels"), 1, 64, 3), side, patch));
    }

    private static int Layer(EncoderParts parts, int x, Activation activation, string path)
    {
        var (graph, width, attention) = (parts.Graph, parts.Config.Width, path + "self_attn.");
        var read = parts.Norm("AttentionNorm", x, path + "layer_norm1");
        int Part(string name, string tensor) => parts.Linear(name, read, attention + tensor, width, width);
        var attended = parts.Attention(Part("Query", "q_proj"), Part("Key", "k_proj"), Part("Value", "v_proj"));
        x = graph.Add("AttentionResidual", x, parts.Linear("AttentionOutput", attended, attention + "out_proj", width, width));
        return FeedForward(parts, x, x, activation, path + "layer_norm2", path + "mlp.");
    }

    private static int FeedForward(EncoderParts parts, int stream, int x, Activation activation, string norm, string path)
    {
        var (graph, width, hidden) = (parts.Graph, parts.Config.Width, parts.Config.Hidden);
        var up = graph.Activate("Activated", parts.Linear("Up", parts.Norm("FeedForwardNorm", x, norm), path + "fc1", hidden, width), activation);
        return graph.Add("FeedForwardResidual", stream, parts.Linear("Down", up, path + "fc2", width, hidden));
    }

    /// <summary>One learned row attends to all patches; a feed-forward follows.</summary>
    private static int Pool(ModelReader model, EncoderParts parts, int states, Activation activation, string path)
    {
        var (graph, width) = (parts.Graph, parts.Config.Width);
        var (matrix, bias) = (path + "attention.in_proj_weight", model.OptionalVector(path + "attention.in_proj_bias", 3 * width));
        LinearPart Part(string name, int index) => new(
            name, model.RowsOf(matrix, 3 * width, width, index * width, width), bias is null ? null : model.Part(bias, index * width, width));
        var query = graph.Linear("PoolQuery", graph.Probe("Probe", model.Row(path + "probe", width)), Part("PoolQuery", 0));
        var pooled = parts.Linear("PoolOutput", parts.CrossAttention(query, states, Part("PoolKey", 1), Part("PoolValue", 2)), path + "attention.out_proj", width, width);
        return FeedForward(parts, pooled, pooled, activation, path + "layernorm", path + "mlp.");
    }
}

/// <summary>Sizes of a vision encoder.</summary>
/// <param name="Config">Its context is the number of patches.</param>
/// <param name="Input">The image.</param>
internal sealed record VisionSizes(DecoderConfig Config, GraphInput.Patches Input);
