using System.Text.Json.Nodes;
using KernelForge.Formats.Safetensors;

namespace KernelForge.EndToEnd.Tests;

/// <summary>
/// Small folders of random weights of the text part of a Llama 3.2 Vision: 5 layers, of which the second, the third and the last attend to an image. No size is a whole number of vectors.
/// </summary>
internal static class RandomMllamaFolder
{
    public const int Vocabulary = 70;
    public const int Width = 40;
    private const int Layers = 5;
    private const int Hidden = 52;
    private const int HeadSize = 10;
    private static readonly int[] Crosses = [1, 2, 4];

    /// <summary>Writes the folder and gives its path.</summary>
    public static string Write(string root) => Write(root, "mllama_text_model", [.. Enumerable.Range(0, Layers)]);

    /// <summary>The same weights as a llama of the layers that attend to no image.</summary>
    public static string WriteWithoutImages(string root) => Write(root, "llama", [.. Enumerable.Range(0, Layers).Except(Crosses)]);

    /// <summary>[rows][width] as an image's states.</summary>
    public static float[][] States(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, Width).Select(_ => (random.NextSingle() * 4) - 2).ToArray())];
    }

    /// <summary>Token ids, the sixth of which is one that no logit stands for.</summary>
    public static int[] Tokens(int count, int seed, int extra = Vocabulary + 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => i == 5 ? extra : random.Next(Vocabulary))];
    }

    private static string Write(string root, string type, int[] layers)
    {
        var path = Directory.CreateDirectory(Path.Combine(root, type)).FullName;
        var config = new JsonObject
        {
            ["model_type"] = type, ["hidden_size"] = Width, ["intermediate_size"] = Hidden, ["num_hidden_layers"] = layers.Length, ["num_attention_heads"] = Width / HeadSize,
            ["num_key_value_heads"] = 2, ["vocab_size"] = Vocabulary, ["max_position_embeddings"] = 160, ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 10000.0, ["tie_word_embeddings"] = false,
        };
        if (type != "llama")
            config["cross_attention_layers"] = new JsonArray([.. Crosses.Select(layer => JsonValue.Create(layer))]);
        File.WriteAllText(Path.Combine(path, "config.json"), config.ToJsonString());
        var random = new Random(17);
        var values = Tensors().ToDictionary(tensor => tensor.Name, tensor => (tensor.Shape, Values: RandomFolder.Values(random, tensor.Name, tensor.Shape)));
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), [.. values.Where(tensor => LayerOf(tensor.Key) is not { } layer || layers.Contains(layer)).Select(tensor => Stored(tensor.Key, tensor.Value))]);
        return path;

        (string, long[], float[]) Stored(string name, (long[] Shape, float[] Values) tensor) => LayerOf(name) is { } layer
            ? (name.Replace($"layers.{layer}.", $"layers.{Array.IndexOf(layers, layer)}.", StringComparison.Ordinal), tensor.Shape, tensor.Values)
            // A llama has no ids beyond its vocabulary.
            : type == "llama" && name == "model.embed_tokens.weight" ? (name, [Vocabulary, Width], tensor.Values[..(Vocabulary * Width)]) : (name, tensor.Shape, tensor.Values);
    }

    private static int? LayerOf(string name) => name.Split('.') is ["model", "layers", var layer, ..] ? int.Parse(layer, System.Globalization.CultureInfo.InvariantCulture) : null;

    private static IEnumerable<(string Name, long[] Shape)> Tensors() =>
    [
        ("model.embed_tokens.weight", [Vocabulary + 8, Width]), ("lm_head.weight", [Vocabulary, Width]), ("model.norm.weight", [Width]),
        .. Enumerable.Range(0, Layers).SelectMany(layer => Layer(layer).Select(tensor => ($"model.layers.{layer}.{tensor.Name}", tensor.Shape))),
    ];

    private static (string Name, long[] Shape)[] Layer(int layer)
    {
        var attention = Crosses.Contains(layer) ? "cross_attn." : "self_attn.";
        (string, long[])[] gates = Crosses.Contains(layer)
            ? [("cross_attn.q_norm.weight", [HeadSize]), ("cross_attn.k_norm.weight", [HeadSize]), ("cross_attn_attn_gate", [1]), ("cross_attn_mlp_gate", [1])]
            : [];
        return
        [
            ("input_layernorm.weight", [Width]), ("post_attention_layernorm.weight", [Width]), (attention + "q_proj.weight", [Width, Width]), (attention + "k_proj.weight", [2 * HeadSize, Width]),
            (attention + "v_proj.weight", [2 * HeadSize, Width]), (attention + "o_proj.weight", [Width, Width]), ("mlp.gate_proj.weight", [Hidden, Width]), ("mlp.up_proj.weight", [Hidden, Width]),
            ("mlp.down_proj.weight", [Width, Hidden]), .. gates,
        ];
    }
}
