using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>EXAONE 4 (2025): norms after attention and feed-forward only, norms of heads; where some layers have a window, only those rotate.</summary>
internal static class Exaone4
{
    public static Decoder Describe(ModelReader model)
    {
        var windows = Windows(model);
        return new Decoder
        {
            Form = LayerForm.PostNorm,
            HeadNorms = HeadNormForm.Shared,
            Layers = new LayerPattern { Windows = windows, Rotary = LayerWindows.Size(model) == 0 ? null : [.. windows.Select(window => window > 0 ? 0 : -1)] },
        };
    }

    // Three with a window, then one without.
    private static int[] Windows(ModelReader model) => LayerWindows.Of(model, layer => (layer + 1) % 4 != 0);
}
