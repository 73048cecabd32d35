namespace KernelForge.Architectures;

/// <summary>
/// The text part of Llama 3.2 Vision (Meta, 2024): a llama some of whose layers attend to an image's states in place of the text, with norms of queries
/// and keys, and gates that begin closed. Eight ids beyond the vocabulary stand for images and are never answered.
/// </summary>
internal static class Mllama
{
    // Four tiles of an image of 560 pixels in patches of 14, a class token each, and room for a few images.
    private const int MostStates = 1 << 15;

    public static Decoder Describe(ModelReader model)
    {
        var key = new Key(null, "cross_attention_layers");
        var layers = DecoderConfig.LayerCount(model);
        var crosses = model.IntegerList(key);
        foreach (var layer in crosses.Where(layer => layer >= layers))
            model.Error(ProblemCodes.HyperparameterContradiction, $"{model.Name(key)} names layer {layer} of {layers}. Download the model again.", model.Name(key));
        return new Decoder
        {
            ExtraIds = 8,
            Cross = new CrossStates("cross_attention_states", MostStates, DecoderConfig.WidthOf(model)),
            Layers = new LayerPattern { HasCrossAttention = [.. Enumerable.Range(0, layers).Select(crosses.Contains)] },
        };
    }
}
