using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Command R (Cohere, 2024): attention and feed-forward read one layer norm without shift; scaled logits; norms of heads where the model has them.</summary>
internal static class Cohere
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder
        {
            Norm = NormKind.Layer,
            Form = LayerForm.Parallel,
            HeadNorms = model.Flag(new Key(null, "use_qk_norm"), model.HasTensor("blk.0.attn_q_norm.weight")) ? HeadNormForm.PerHead : HeadNormForm.None,
            Pairing = Pairing.Neighbours,
            LogitScale = model.Real(new Key("logit_scale", "logit_scale"), 1e-6, 1e6, 1),
        };
    }
}

/// <summary>Command R7B (2024): three layers with a window and rotary positions, then one that sees everything and rotates nothing.</summary>
internal static class Cohere2
{
    public static Decoder Describe(ModelReader model)
    {
        var period = model.Integer(new Key(null, "sliding_window_pattern", "_sliding_window_pattern"), 1, 4096, 4);
        var windows = LayerWindows.Of(model, layer => (layer + 1) % period != 0);
        return Cohere.Describe(model) with { Layers = new LayerPattern { Windows = windows, Rotary = [.. windows.Select(window => window > 0 ? 0 : -1)] } };
    }
}
