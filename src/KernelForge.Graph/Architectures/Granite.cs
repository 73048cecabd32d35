using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Granite 3 (IBM, 2024): a llama with a factor on the embedding, the scores, what each layer adds, and the logits.</summary>
internal static class Granite
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        double Factor(string gguf, string name) => model.Real(new Key(gguf, name), 1e-6, 1e6, 1);
        return new Decoder
        {
            Epsilon = 1e-6,
            Pairing = Pairing.NeighboursInGguf,
            EmbeddingScale = Factor("embedding_scale", "embedding_multiplier"),
            ResidualScale = Factor("residual_scale", "residual_multiplier"),
            AttentionScale = model.IsFolder || model.Has(new Key("attention.scale")) ? Factor("attention.scale", "attention_multiplier") : null,
            LogitScale = 1 / Factor("logit_scale", "logits_scaling"),
        };
    }
}
