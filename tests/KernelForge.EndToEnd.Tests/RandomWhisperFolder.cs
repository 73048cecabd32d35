using KernelForge.Formats.Safetensors;
using static KernelForge.EndToEnd.Tests.RandomBartFolder;

namespace KernelForge.EndToEnd.Tests;

/// <summary>A small folder of random weights of a Whisper that hears 11 bands; its encoder has 2 layers with 4 heads and its decoder 3 with 5. No size is a whole number of vectors.</summary>
internal static class RandomWhisperFolder
{
    public const int Bands = 11;

    /// <summary>Writes the folder and gives its path.</summary>
    /// <param name="root">Where.</param>
    /// <param name="states">Half the frames of a sound.</param>
    public static string Write(string root, int states)
    {
        var path = Directory.CreateDirectory(Path.Combine(root, $"whisper{states}")).FullName;
        File.WriteAllText(Path.Combine(path, "config.json"), $$"""
            { "model_type": "whisper", "d_model": {{Width}}, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4, "decoder_attention_heads": 5, "encoder_ffn_dim": 52,
              "decoder_ffn_dim": 60, "num_mel_bins": {{Bands}}, "max_source_positions": {{states}}, "max_target_positions": {{Context}}, "vocab_size": {{Vocabulary}}, "tie_word_embeddings": true }
            """);
        var random = new Random(17);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), [.. Tensors(states).Select(tensor => (tensor.Name, tensor.Shape, RandomFolder.Values(random, tensor.Name, tensor.Shape)))]);
        return path;
    }

    /// <summary>[bands, frames].</summary>
    public static float[] Features(int frames, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Bands * frames).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>A layer's projections of keys have no biases.</summary>
    private static IEnumerable<(string Name, long[] Shape)> Tensors(int states) =>
    [
        ("model.decoder.embed_tokens.weight", [Vocabulary, Width]), ("model.encoder.embed_positions.weight", [states, Width]), ("model.decoder.embed_positions.weight", [Context, Width]),
        ("model.encoder.conv1.weight", [Width, Bands, 3]), ("model.encoder.conv1.bias", [Width]), ("model.encoder.conv2.weight", [Width, Width, 3]), ("model.encoder.conv2.bias", [Width]),
        .. Norm("model.encoder.layer_norm"), .. Norm("model.decoder.layer_norm"),
        .. Enumerable.Range(0, 2).SelectMany(layer => Layer($"model.encoder.layers.{layer}.", ["self_attn"], 52)).Where(tensor => !tensor.Name.EndsWith("k_proj.bias", StringComparison.Ordinal)),
        .. Enumerable.Range(0, 3).SelectMany(layer => Layer($"model.decoder.layers.{layer}.", ["self_attn", "encoder_attn"], 60)).Where(tensor => !tensor.Name.EndsWith("k_proj.bias", StringComparison.Ordinal)),
    ];
}
