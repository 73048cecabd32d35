using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Qwen2 (2024): a llama with biases of query, key and value. Its folders may give the upper layers a sliding window.</summary>
internal static class Qwen2
{
    public static Decoder Describe(ModelReader model) => Describe(model, (layer, first) => layer >= first);

    /// <summary>One of those built like it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="slides">Whether a layer has a window, given its number and <c>max_window_layers</c>, where the model does not say it for each.</param>
    public static Decoder Describe(ModelReader model, Func<int, int, bool> slides)
    {
        model.AcceptBiases();
        var first = model.Integer(new Key(null, "max_window_layers"), 0, int.MaxValue, 28);
        return new Decoder { Epsilon = 1e-6, Layers = new LayerPattern { Windows = Windows(model, layer => slides(layer, first), published: 4096) } };
    }

    /// <summary>The windows of a model that says whether it uses them.</summary>
    public static int[] Windows(ModelReader model, Func<int, bool> slides, int published)
    {
        var windows = LayerWindows.Of(model, slides, published);
        return model.Flag(new Key(null, "use_sliding_window"), fallback: false) ? windows : new int[windows.Length];
    }
}

/// <summary>Qwen3 (2025): no biases, and a norm of each query and key head.</summary>
internal static class Qwen3
{
    public static Decoder Describe(ModelReader model) => Describe(model, (layer, first) => layer >= first);

    public static Decoder Describe(ModelReader model, Func<int, int, bool> slides) => Qwen2.Describe(model, slides) with { HeadNorms = HeadNormForm.Shared };
}
