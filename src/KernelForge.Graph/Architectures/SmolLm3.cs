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
        var named = model.Integers(new Key(null, "no_rope_layers"), layers, 0, 1);
        bool Rotates(int layer) => named is null ? (layer + 1) % period != 0 : named[layer] == 1;
        return new Decoder
        {
            Epsilon = 1e-6,
            Pairing = Pairing.NeighboursInGguf,
            Rotaries = RotaryKeys.From(2_000_000),
            Layers = new LayerPattern
            {
                Windows = Qwen2.Windows(model, layer => !Rotates(layer), published: 0),
                Rotary = [.. Enumerable.Range(0, layers).Select(layer => Rotates(layer) ? 0 : -1)],
            },
        };
    }
}
