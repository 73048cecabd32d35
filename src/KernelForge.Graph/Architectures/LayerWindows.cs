namespace KernelForge.Architectures;

/// <summary>Which layers see a window of the context only.</summary>
internal static class LayerWindows
{
    private static readonly Key Window = new("attention.sliding_window", "sliding_window");
    private static readonly Key Types = new(null, "layer_types");

    /// <summary>The window that the model names, or 0.</summary>
    /// <param name="model">The model.</param>
    /// <param name="published">Its authors' default, of folders that do not name one.</param>
    /// <param name="ofFiles">That of GGUF files that do not; null: they must.</param>
    public static int Size(ModelReader model, int published = 0, int? ofFiles = 0) =>
        model.Integer(Window, 0, int.MaxValue, !model.IsFolder ? ofFiles : model.IsUnsaid(Window) ? published : 0);

    /// <summary>The window of every layer: 0 where it sees everything.</summary>
    /// <param name="model">The model.</param>
    /// <param name="slides">Whether a layer has a window where the model does not say it for each.</param>
    /// <param name="published">The window of folders that do not name one.</param>
    /// <param name="ofFiles">That of GGUF files that do not; null: they must.</param>
    public static int[] Of(ModelReader model, Func<int, bool> slides, int published = 0, int? ofFiles = 0)
    {
        var window = Size(model, published, ofFiles);
        var layers = DecoderConfig.LayerCount(model);
        var slide = Named(model, layers) ?? [.. Enumerable.Range(0, layers).Select(slides)];
        return [.. slide.Select(isSliding => isSliding ? window : 0)];
    }

    /// <summary>Whether each layer slides, as <c>layer_types</c> or GGUF's pattern says, a flag for each or a period whose last layer sees all; null where there is neither.</summary>
    private static bool[]? Named(ModelReader model, int layers)
    {
        // The pattern's older names say what layer_types says again.
        model.Accept("sliding_window_pattern", "_sliding_window_pattern");
        var pattern = new Key("attention.sliding_window_pattern");
        if (model.Integers(pattern, layers, 0, 1) is { } flags)
            return [.. flags.Select(flag => flag == 1)];
        if (model.Has(pattern) && !model.HasList(pattern))
        {
            var period = model.Integer(pattern, 0, 4096);
            return [.. Enumerable.Range(0, layers).Select(layer => period == 0 || (layer + 1) % period != 0)];
        }

        if (model.Text(Types) is not { } text)
            return null;
        var types = text.Split(',');
        if (types.Length == layers && types.All(type => type is "sliding_attention" or "full_attention"))
            return [.. types.Select(type => type == "sliding_attention")];
        model.Error(
            ProblemCodes.FeatureUnsupported,
            $"{model.Name(Types)} is '{text}'; {layers} entries, each sliding_attention or full_attention, are what this architecture knows.", model.Name(Types));
        return null;
    }
}
