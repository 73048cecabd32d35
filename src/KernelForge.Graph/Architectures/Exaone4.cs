using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>EXAONE 4 (2025): norms after attention and feed-forward only, norms of heads; where some layers have a window, only those rotate.</summary>
internal static class Exaone4
{
    private const int Published = 4096;

    private static readonly Key Pattern = new(null, "sliding_window_pattern");

    public static Decoder Describe(ModelReader model)
    {
        var windows = Windows(model);
        return new Decoder
        {
            Epsilon = 1e-5,
            Form = LayerForm.PostNorm,
            HeadNorms = HeadNormForm.Shared,
            Layers = new LayerPattern { Windows = windows, Rotary = LayerWindows.Size(model, Published) == 0 ? null : [.. windows.Select(window => window > 0 ? 0 : -1)] },
        };
    }

    // Three with a window, then one without, unless the model says otherwise: by a number, or a letter for each layer, of which the last sees all.
    private static int[] Windows(ModelReader model)
    {
        if (!model.HasText(Pattern))
        {
            var period = model.Integer(Pattern, 1, 4096, 4);
            return LayerWindows.Of(model, layer => (layer + 1) % period != 0, Published);
        }

        var (letters, last) = (model.Text(Pattern)!, DecoderConfig.LayerCount(model) - 1);
        if (letters.Length == 0 || letters.Any(letter => letter is not ('L' or 'G')))
            model.Error(ProblemCodes.FeatureUnsupported, $"{model.Name(Pattern)} is '{letters}'; a number, or L for a layer with a window and G for one without, are known.", model.Name(Pattern));
        return LayerWindows.Of(model, layer => layer < last && letters.Length > 0 && letters[layer % letters.Length] == 'L', Published);
    }
}
