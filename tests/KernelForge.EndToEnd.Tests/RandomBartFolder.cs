using KernelForge.Formats.Safetensors;

namespace KernelForge.EndToEnd.Tests;

/// <summary>A small folder of random weights of a BART, whose encoder has 2 layers with 4 heads and whose decoder has 3 with 5. No size is a whole number of vectors.</summary>
internal static class RandomBartFolder
{
    public const int Vocabulary = 70;
    public const int Context = 90;
    public const int Width = 40;

    /// <summary>Writes the folder and gives its path.</summary>
    public static string Write(string root)
    {
        var path = Directory.CreateDirectory(Path.Combine(root, "bart")).FullName;
        File.WriteAllText(Path.Combine(path, "config.json"), $$"""
            { "model_type": "bart", "d_model": {{Width}}, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4, "decoder_attention_heads": 5, "encoder_ffn_dim": 52,
              "decoder_ffn_dim": 60, "activation_function": "gelu", "max_position_embeddings": {{Context}}, "scale_embedding": true, "vocab_size": {{Vocabulary}} }
            """);
        var random = new Random(13);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), [.. Tensors().Select(tensor => (tensor.Name, tensor.Shape, RandomFolder.Values(random, tensor.Name, tensor.Shape)))]);
        return path;
    }

    /// <summary>Token ids.</summary>
    public static int[] Tokens(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors() =>
    [
        ("model.shared.weight", [Vocabulary, Width]), ("final_logits_bias", [1, Vocabulary]),
        ("model.encoder.embed_positions.weight", [Context + 2, Width]), ("model.decoder.embed_positions.weight", [Context + 2, Width]),
        .. Norm("model.encoder.layernorm_embedding"), .. Norm("model.decoder.layernorm_embedding"),
        .. Enumerable.Range(0, 2).SelectMany(layer => Layer($"model.encoder.layers.{layer}.", ["self_attn"], 52)),
        .. Enumerable.Range(0, 3).SelectMany(layer => Layer($"model.decoder.layers.{layer}.", ["self_attn", "encoder_attn"], 60)),
    ];

    /// <summary>A layer with the width of the model; of a decoder with two attentions.</summary>
    internal static IEnumerable<(string Name, long[] Shape)> Layer(string prefix, string[] attentions, int hidden) =>
    [
        .. attentions.SelectMany(name => new[] { "q_proj", "k_proj", "v_proj", "out_proj" }.SelectMany(part => Linear($"{prefix}{name}.{part}", Width, Width)).Concat(Norm($"{prefix}{name}_layer_norm"))),
        .. Linear(prefix + "fc1", hidden, Width), .. Linear(prefix + "fc2", Width, hidden), .. Norm(prefix + "final_layer_norm"),
    ];

    internal static IEnumerable<(string Name, long[] Shape)> Norm(string name) => [(name + ".weight", [Width]), (name + ".bias", [Width])];

    private static IEnumerable<(string Name, long[] Shape)> Linear(string name, int rows, int columns) => [(name + ".weight", [rows, columns]), (name + ".bias", [rows])];
}
