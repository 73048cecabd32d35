using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Seed-OSS (ByteDance, 2025): a llama with biases of query, key and value. GGUF gives the second norm of a layer another name.</summary>
internal static class SeedOss
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder { Epsilon = 1e-6, GgufTensors = DecoderTensors.Gguf with { FeedForwardNorm = "post_attention_norm" } };
    }
}
