using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>SmolLM3 (2025): a llama in which every fourth layer rotates nothing.</summary>
internal static class SmolLm3
{
    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        var layers = DecoderConfig.LayerCount(model);
        var period = model.Integer(new Key(null, "no_rope_layer_interval"), 1, 4096, 4);
        var rotates = model.Integers(new Key(null, "no_rope_layers"), layers, 0, 1);
        return new Decoder
        {
            Pairing = Pairing.NeighboursInGguf,
            Layers = new LayerPattern
            {
                Windows = Qwen2.Windows(model),
                Rotary = [.. Enumerable.Range(0, layers).Select(layer => (rotates?[layer] ?? ((layer + 1) % period == 0 ? 0 : 1)) - 1)],
            },
        };
    }
}
