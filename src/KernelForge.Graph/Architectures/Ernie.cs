using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>ERNIE 4.5 (Baidu, 2025): a llama whose rotary pairs are neighbours.</summary>
internal static class Ernie45
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        model.RequireOn("use_rmsnorm");
        return new Decoder { Epsilon = 1e-5, Pairing = Pairing.Neighbours, Rotaries = RotaryKeys.From(500_000) };
    }
}
