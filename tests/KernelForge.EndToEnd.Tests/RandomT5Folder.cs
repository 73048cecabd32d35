using KernelForge.Formats.Safetensors;

namespace KernelForge.EndToEnd.Tests;

/// <summary>
/// A small folder of random weights of a T5, whose heads are together narrower or wider than the stream, and whose buckets end within a text. No size is a whole number of vectors.
/// </summary>
internal static class RandomT5Folder
{
    private const int Vocabulary = RandomBartFolder.Vocabulary;
    private const int Width = 40;
    private const int Hidden = 52;
    private const string SelfAttention = "SelfAttention";

    /// <summary>Writes the folder and gives its path: <c>t5</c> as first published (relu, the table is the head, scaled), or <c>t5-v1.1</c> (a gate, a head of its own).</summary>
    public static string Write(string root, string kind)
    {
        var path = Directory.CreateDirectory(Path.Combine(root, kind)).FullName;
        var isFirst = kind == "t5";
        var (heads, headSize, buckets, layers, decoderLayers) = isFirst ? (3, 9, 7, 1, 2) : (5, 12, 32, 3, 1);
        var options = isFirst
            ? $"\"relative_attention_num_buckets\": {buckets}, \"relative_attention_max_distance\": 12"
            : "\"feed_forward_proj\": \"gated-gelu\", \"tie_word_embeddings\": false";
        File.WriteAllText(Path.Combine(path, "config.json"), $$"""
            { "model_type": "t5", "d_model": {{Width}}, "d_kv": {{headSize}}, "d_ff": {{Hidden}}, "num_heads": {{heads}}, "num_layers": {{layers}}, "num_decoder_layers": {{decoderLayers}},
              "vocab_size": {{Vocabulary}}, "layer_norm_epsilon": 1e-05, "decoder_start_token_id": 0, {{options}} }
            """);
        var random = new Random(17);
        IEnumerable<(string Name, long[] Shape)> tensors =
        [
            ("shared.weight", [Vocabulary, Width]), .. isFirst ? Array.Empty<(string, long[])>() : [("lm_head.weight", [Vocabulary, Width])],
            .. Part("encoder", layers, [SelfAttention]), .. Part("decoder", decoderLayers, [SelfAttention, "EncDecAttention"]),
        ];
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), [.. tensors.Select(tensor => (tensor.Name, tensor.Shape, RandomFolder.Values(random, tensor.Name, tensor.Shape)))]);
        return path;

        IEnumerable<(string Name, long[] Shape)> Part(string part, int count, string[] attentions) =>
        [
            ($"{part}.block.0.layer.0.{SelfAttention}.relative_attention_bias.weight", [buckets, heads]), ($"{part}.final_layer_norm.weight", [Width]),
            .. Enumerable.Range(0, count).SelectMany(layer => Layer($"{part}.block.{layer}.layer.", attentions)),
        ];

        IEnumerable<(string Name, long[] Shape)> Layer(string prefix, string[] attentions) =>
        [
            .. attentions.SelectMany((name, i) => "qkv".Select(letter => ($"{prefix}{i}.{name}.{letter}.weight", new long[] { heads * headSize, Width })).Append(($"{prefix}{i}.{name}.o.weight", [Width, heads * headSize]))),
            .. Enumerable.Range(0, attentions.Length + 1).Select(i => ($"{prefix}{i}.layer_norm.weight", new long[] { Width })),
            .. (isFirst ? ["wi"] : new[] { "wi_0", "wi_1" }).Select(name => ($"{prefix}{attentions.Length}.DenseReluDense.{name}.weight", new long[] { Hidden, Width })),
            ($"{prefix}{attentions.Length}.DenseReluDense.wo.weight", [Width, Hidden]),
        ];
    }
}
