using KernelForge.Formats.Safetensors;

namespace KernelForge.EndToEnd.Tests;

/// <summary>A small folder of random weights of an encoder of images with two channels.</summary>
internal static class RandomVisionFolder
{
    /// <summary>Pixels of a side; the last two are beyond the last whole patch.</summary>
    public const int Side = 29;

    private const int Width = 40;
    private const int Hidden = 52;

    /// <summary>Writes the folder and gives its path.</summary>
    public static string Write(string root)
    {
        var path = Directory.CreateDirectory(Path.Combine(root, "siglip")).FullName;
        File.WriteAllText(Path.Combine(path, "config.json"), $$"""
            { "model_type": "siglip_vision_model", "hidden_size": {{Width}}, "intermediate_size": {{Hidden}}, "num_hidden_layers": 2, "num_attention_heads": 4, "num_channels": 2,
              "image_size": {{Side}}, "patch_size": 3, "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-06 }
            """);
        var random = new Random(11);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), [.. Tensors().Select(tensor => (tensor.Name, tensor.Shape, RandomFolder.Values(random, tensor.Name, tensor.Shape)))]);
        return path;
    }

    /// <summary>[images, 2, side, side].</summary>
    public static float[] Pixels(int images)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, images * 2 * Side * Side).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors() =>
    [
        ("embeddings.patch_embedding.weight", [Width, 2, 3, 3]), ("embeddings.patch_embedding.bias", [Width]), ("embeddings.position_embedding.weight", [81, Width]),
        .. Enumerable.Range(0, 2).SelectMany(layer => Layer($"encoder.layers.{layer}.")), .. Vectors("post_layernorm"),
        ("head.probe", [1, 1, Width]), ("head.attention.in_proj_weight", [3 * Width, Width]), ("head.attention.in_proj_bias", [3 * Width]),
        .. Linear("head.attention.out_proj", Width, Width), .. Vectors("head.layernorm"), .. FeedForward("head.mlp."),
    ];

    private static IEnumerable<(string Name, long[] Shape)> Layer(string prefix) =>
    [
        .. Vectors(prefix + "layer_norm1"), .. Vectors(prefix + "layer_norm2"), .. FeedForward(prefix + "mlp."),
        .. new[] { "q_proj", "k_proj", "v_proj", "out_proj" }.SelectMany(name => Linear($"{prefix}self_attn.{name}", Width, Width)),
    ];

    private static IEnumerable<(string Name, long[] Shape)> FeedForward(string prefix) => [.. Linear(prefix + "fc1", Hidden, Width), .. Linear(prefix + "fc2", Width, Hidden)];

    private static IEnumerable<(string Name, long[] Shape)> Vectors(string name) => [(name + ".weight", [Width]), (name + ".bias", [Width])];

    private static IEnumerable<(string Name, long[] Shape)> Linear(string name, int rows, int columns) => [(name + ".weight", [rows, columns]), (name + ".bias", [rows])];
}
