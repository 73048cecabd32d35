using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>OLMo 2 (2024): norms after attention and feed-forward only, and one of all queries and of all keys together.</summary>
internal static class Olmo2
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder { Epsilon = 1e-5, Form = LayerForm.PostNorm, HeadNorms = HeadNormForm.Whole };
    }
}
