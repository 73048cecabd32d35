using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Phi-3.5-MoE (2024): layer norms, and two experts of a token chosen one after the other by a sparse mixer.</summary>
internal static class PhiMoe
{
    private static readonly Key Jitter = new(null, "router_jitter_noise");

    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        // The head's bias is found by its tensor.
        model.Accept("lm_head_bias");
        var mixture = Mixture.Read(model, RoutingScore.SparseMixer, normalizes: false);
        return new Decoder
        {
            FolderTensors = Mixtral.Folder,
            Norm = NormKind.Layer,
            Epsilon = 1e-5,
            Rotaries = RotaryKeys.From(1_000_000),
            Layers = new LayerPattern { Windows = LayerWindows.Of(model, _ => true) },
            Mixture = mixture with { Routing = mixture.Routing with { Margin = 2 * (float)model.Real(Jitter, 0, 1e6, 0.01) } },
        };
    }
}
