using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Command R (Cohere, 2024): attention and feed-forward read one layer norm without shift; scaled logits; norms of heads where the model has them.</summary>
internal static class Cohere
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        var scale = new Key("logit_scale", "logit_scale");
        return new Decoder
        {
            Norm = NormKind.Layer,
            Epsilon = 1e-5,
            Form = LayerForm.Parallel,
            HeadNorms = model.Flag(new Key(null, "use_qk_norm"), model.HasTensor("blk.0.attn_q_norm.weight")) ? HeadNormForm.PerHead : HeadNormForm.None,
            Pairing = Pairing.Neighbours,
            Rotaries = RotaryKeys.From(500_000),
            LogitScale = model.Real(scale, 1e-6, 1e6, model.IsUnsaid(scale) ? 0.0625 : 1),
        };
    }
}

/// <summary>Command R7B (2024): three layers with a window and rotary positions, then one that sees everything and rotates nothing.</summary>
internal static class Cohere2
{
    public static Decoder Describe(ModelReader model)
    {
        var period = model.Integer(new Key(null, "sliding_window_pattern", "_sliding_window_pattern"), 1, 4096, 4);
        var windows = LayerWindows.Of(model, layer => (layer + 1) % period != 0, published: 4096, ofFiles: null);
        Repeated(model);
        return Cohere.Describe(model) with { Rotaries = RotaryKeys.From(10_000), Layers = new LayerPattern { Windows = windows, Rotary = [.. windows.Select(window => window > 0 ? 0 : -1)] } };
    }

    // What the published folders say of the form that the architecture has anyhow.
    private static void Repeated(ModelReader model)
    {
        model.Expect(new Key(null, "order_of_interleaved_layers"), "local_attn_first");
        model.Expect(new Key(null, "position_embedding_type"), "rope_gptj");
        model.RequireOn("use_gated_activation", "use_parallel_block");
        model.Accept("layer_switch", "use_embedding_sharing", "use_parallel_embedding");
    }
}
