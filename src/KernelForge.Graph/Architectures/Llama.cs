using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// Llama (Touvron et al., 2023) and what is built like it, SmolLM2 among them: pre-norm layers of grouped-query attention with rotary positions and a
/// SwiGLU feed-forward; biases and a tied head where the file has them.
/// </summary>
internal static class Llama
{
    /// <summary>GGUF gives a Mistral, which may have a window, and a Mixtral this name too.</summary>
    public static Decoder Describe(ModelReader model) =>
        !model.IsFolder && model.Integer(Mixture.CountKey, 0, 1 << 16, 0) > 0 ? Mixtral.Describe(model)
        : model.IsFolder ? Dense(model) : Mistral.Describe(model);

    /// <summary>Without experts and windows.</summary>
    public static Decoder Dense(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder { Pairing = Pairing.NeighboursInGguf, Epsilon = 1e-6 };
    }
}

/// <summary>Mistral (Jiang et al., 2023): a llama with a sliding window, in the first version.</summary>
internal static class Mistral
{
    public static Decoder Describe(ModelReader model) => Windowed(model, published: 4096);

    /// <summary>A llama all of whose layers have the window that the model names.</summary>
    public static Decoder Windowed(ModelReader model, int published) =>
        Llama.Dense(model) with { Layers = new LayerPattern { Windows = LayerWindows.Of(model, _ => true, published) } };
}
