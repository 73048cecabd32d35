using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Gemma (2024): a scaled embedding, GELU, and norms whose scales are stored less 1.</summary>
internal static class Gemma
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        return new Decoder
        {
            Epsilon = 1e-6,
            HasScalesLessOne = true,
            Activation = Activation.GeluTanh,
            EmbeddingScale = Math.Sqrt(DecoderConfig.WidthOf(model)),
        };
    }
}

/// <summary>Gemma 2 (2024): norms before and after, bounded scores and logits, every other layer with a window.</summary>
internal static class Gemma2
{
    public static readonly DecoderTensors Folder = new() { FeedForwardNorm = "pre_feedforward_layernorm" };

    public static Decoder Describe(ModelReader model) => Gemma.Describe(model) with
    {
        FolderTensors = Folder,
        Form = LayerForm.Sandwich,
        AttentionScale = Scale(model, largest: 46),
        ScoreSoftcap = Bound(model, "attn_logit_softcapping", published: 50),
        LogitSoftcap = Bound(model, "final_logit_softcapping", published: 30),
        Layers = new LayerPattern { Windows = LayerWindows.Of(model, layer => layer % 2 == 0, Gemma3.Window, Gemma3.Window) },
    };

    /// <summary>A bound, which the first files of either kind leave to the architecture.</summary>
    public static double Bound(ModelReader model, string name, double published)
    {
        var key = new Key(name, name);
        return model.Real(key, 0, 1e6, !model.IsFolder || model.IsUnsaid(key) ? published : 0);
    }

    /// <summary>GGUF names no scale: it is that of the head, but of width / heads in the model of 27 billion, which its layers tell.</summary>
    public static double? Scale(ModelReader model, int largest)
    {
        var key = new Key("attention.scale", "query_pre_attn_scalar");
        if (model.IsFolder)
            return 1 / Math.Sqrt(model.Real(key, 1e-3, 1e6, 256));
        if (model.Has(key))
            return model.Real(key, 1e-6, 1e3);
        return DecoderConfig.LayerCount(model) != largest ? null
            : 1 / Math.Sqrt((double)DecoderConfig.WidthOf(model) / DecoderConfig.HeadCount(model));
    }
}

/// <summary>Gemma 3 (2025), its text part: norms of heads in place of bounds; five layers with a window and a table of their own, then one without.</summary>
internal static class Gemma3
{
    /// <summary>The published window.</summary>
    public const int Window = 4096;

    public static Decoder Describe(ModelReader model)
    {
        var period = model.Integer(new Key(null, "sliding_window_pattern", "_sliding_window_pattern"), 1, 4096, 6);
        var windows = LayerWindows.Of(model, layer => (layer + 1) % period != 0, Window, ofFiles: null);
        return Gemma2.Describe(model) with
        {
            HeadNorms = HeadNormForm.Shared,
            ScoreSoftcap = Gemma2.Bound(model, "attn_logit_softcapping", published: 0),
            LogitSoftcap = Gemma2.Bound(model, "final_logit_softcapping", published: 0),
            AttentionScale = Gemma2.Scale(model, largest: 62),
            Rotaries = EquatableArray.Create(RotaryKeys.Global, RotaryKeys.Local),
            Layers = new LayerPattern { Windows = windows, Rotary = [.. windows.Select(window => window > 0 ? 1 : 0)] },
        };
    }
}
