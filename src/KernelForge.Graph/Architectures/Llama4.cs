using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// Llama 4 (2025), its text part: attention in chunks with a rotation and unscaled norms of heads, in every fourth layer over everything without them;
/// one expert of a token, whose input a sigmoid weighs, beside a shared one, in some layers.
/// </summary>
internal static class Llama4
{
    private static readonly Key Types = new(null, "layer_types");
    private static readonly Key MixtureLayers = new(null, "moe_layers");

    public static Decoder Describe(ModelReader model)
    {
        model.AcceptBiases();
        var layers = DecoderConfig.LayerCount(model);
        var rotates = Rotates(model, layers);
        var mixture = Mixture.Read(model, RoutingScore.Sigmoid, normalizes: false);
        return new Decoder
        {
            FolderTensors = new DecoderTensors
            {
                Gate = "feed_forward.gate_proj", Up = "feed_forward.up_proj", Down = "feed_forward.down_proj", Router = "feed_forward.router",
                ExpertGate = "feed_forward.experts.gate_up_proj", ExpertDown = "feed_forward.experts.down_proj",
                SharedGate = "feed_forward.shared_expert.gate_proj", SharedUp = "feed_forward.shared_expert.up_proj", SharedDown = "feed_forward.shared_expert.down_proj",
            },
            Epsilon = 1e-5,
            Pairing = Pairing.Neighbours,
            // GGUF does not say it; the model of 128 experts is the one without.
            HeadNorms = model.Flag(new Key(null, "use_qk_norm"), model.IsFolder || mixture.Count != 128) ? HeadNormForm.UnscaledAfterRotary : HeadNormForm.None,
            Temperature = Temperature(model),
            Hidden = model.IsFolder ? model.Integer(new Key(null, "intermediate_size_mlp"), 1, 1 << 22) : null,
            Rotaries = RotaryKeys.From(500_000),
            Layers = new LayerPattern
            {
                Rotary = [.. rotates.Select(isRotated => isRotated ? 0 : -1)],
                Chunks = Chunks(model, rotates),
                HasMixture = HasMixture(model, layers),
            },
            Mixture = mixture with
            {
                Form = model.IsFolder ? ExpertForm.TransposedGateThenUp : ExpertForm.Separate,
                SharedHidden = mixture.Hidden,
                Routing = mixture.Routing with { ScalesInput = true },
            },
        };
    }

    private static bool[] Rotates(ModelReader model, int layers)
    {
        var period = model.Integer(new Key(null, "no_rope_layer_interval"), 1, 4096, 4);
        var named = model.Integers(new Key(null, "no_rope_layers"), layers, 0, 1);
        return [.. Enumerable.Range(0, layers).Select(layer => named is null ? (layer + 1) % period != 0 : named[layer] == 1)];
    }

    private static QueryTemperature? Temperature(ModelReader model)
    {
        var isTuned = model.Flag(new Key(null, "attn_temperature_tuning"), fallback: true);
        var (scale, floor) = (model.Real(new Key(null, "attn_scale"), 0, 1e6, 0.1), model.Real(new Key(null, "floor_scale"), 1e-3, 1e9, 8192));
        return isTuned ? new QueryTemperature(scale, floor) : null;
    }

    private static int[] Chunks(ModelReader model, bool[] rotates)
    {
        var size = model.Integer(new Key(null, "attention_chunk_size"), 1, int.MaxValue, 8192);
        var isChunked = rotates;
        if (model.Text(Types) is { } text)
        {
            var types = text.Split(',');
            isChunked = [.. types.Select(type => type == "chunked_attention")];
            if (types.Length != rotates.Length || !types.All(type => type is "chunked_attention" or "full_attention"))
            {
                model.Error(
                    ProblemCodes.FeatureUnsupported,
                    $"{model.Name(Types)} is '{text}'; {rotates.Length} entries, each chunked_attention or full_attention, are what this architecture knows.", model.Name(Types));
                isChunked = rotates;
            }
        }

        return [.. isChunked.Select(chunked => chunked ? size : 0)];
    }

    private static bool[] HasMixture(ModelReader model, int layers)
    {
        var step = model.Integer(new Key("interleave_moe_layer_step", "interleave_moe_layer_step"), 0, 4096, 1);
        var isNamed = model.Has(MixtureLayers);
        var named = model.IntegerList(MixtureLayers);
        return [.. Enumerable.Range(0, layers).Select(layer => isNamed ? named.Contains(layer) : step > 0 && (layer + 1) % step == 0)];
    }
}
