using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// Llama (Touvron et al., 2023) and what is built like it, SmolLM2 and Mistral among them: pre-norm layers of grouped-query attention with
/// rotary positions and a SwiGLU feed-forward; biases, a tied head and a sliding window where the file has them.
/// </summary>
internal static class Llama
{
    /// <summary>GGUF gives a Mixtral this name too.</summary>
    public static Decoder Describe(ModelReader model) =>
        !model.IsFolder && model.Integer(Mixture.CountKey, 0, 1 << 16, 0) > 0 ? Mixtral.Describe(model) : Dense(model);

    /// <summary>Without experts.</summary>
    public static Decoder Dense(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder { Pairing = Pairing.NeighboursInGguf, Layers = new LayerPattern { Windows = LayerWindows.Of(model, _ => true) } };
    }
}
