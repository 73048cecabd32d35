using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>ERNIE 4.5 (Baidu, 2025): a llama whose rotary pairs are neighbours.</summary>
internal static class Ernie45
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder { Pairing = Pairing.Neighbours };
    }
}
