using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Qwen2 (2024): a llama with biases of query, key and value. Its folders may give the upper layers a sliding window.</summary>
internal static class Qwen2
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder { Layers = new LayerPattern { Windows = Windows(model) } };
    }

    public static int[] Windows(ModelReader model)
    {
        var isUsed = model.Flag(new Key(null, "use_sliding_window"), fallback: false);
        var first = model.Integer(new Key(null, "max_window_layers"), 0, int.MaxValue, 0);
        var windows = LayerWindows.Of(model, layer => isUsed && layer >= first);
        return isUsed ? windows : new int[windows.Length];
    }
}

/// <summary>Qwen3 (2025): no biases, and a norm of each query and key head.</summary>
internal static class Qwen3
{
    public static Decoder Describe(ModelReader model) => Qwen2.Describe(model) with { HeadNorms = HeadNormForm.Shared };
}
