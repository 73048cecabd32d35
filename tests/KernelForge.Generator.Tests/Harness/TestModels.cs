using System.Globalization;
using KernelForge.Manifests;

namespace KernelForge.Generator.Tests.Harness;

/// <summary>Manifests of llama models of any size, without a file behind them.</summary>
internal static class TestModels
{
    /// <summary>Two layers of 64 values: Q4_1 matrices, a tied Q8_0 embedding.</summary>
    public static Manifest Tiny { get; } = Llama("tiny.gguf", layers: 2, width: 64, hidden: 128, heads: 2, keyValueHeads: 1, headSize: 32, vocabulary: 96, context: 256);

    /// <summary>The embedded default model, as its file describes it.</summary>
    public static Manifest SmolLM2 { get; } = Llama(
        "SmolLM2-135M-Instruct.Q4_1.gguf", layers: 30, width: 576, hidden: 1536, heads: 9, keyValueHeads: 3, headSize: 64, vocabulary: 49_152, context: 8192);

    /// <summary>As large as a Llama 3.2 of three billion weights.</summary>
    public static Manifest Large { get; } = Llama(
        "large.gguf", layers: 28, width: 3072, hidden: 8192, heads: 24, keyValueHeads: 8, headSize: 128, vocabulary: 128_256, context: 131_072);

    /// <summary>A llama model.</summary>
    public static Manifest Llama(
        string fileName,
        int layers,
        int width,
        int hidden,
        int heads,
        int keyValueHeads,
        int headSize,
        int vocabulary,
        int context,
        WeightType matrices = WeightType.Q4_1,
        WeightType embedding = WeightType.Q8_0,
        string? template = null)
    {
        var metadata = new List<MetadataEntry>
        {
            Integer("llama.block_count", layers),
            Integer("llama.context_length", context),
            Integer("llama.embedding_length", width),
            Integer("llama.feed_forward_length", hidden),
            Integer("llama.attention.head_count", heads),
            Integer("llama.attention.head_count_kv", keyValueHeads),
            Integer("llama.attention.key_length", headSize),
            Integer("llama.attention.value_length", headSize),
            Integer("llama.rope.dimension_count", headSize),
            Integer("llama.vocab_size", vocabulary),
            Integer("kernelforge.vocabulary", vocabulary),
            new("llama.attention.layer_norm_rms_epsilon", MetadataType.Float, "1E-05"),
            new("llama.rope.freq_base", MetadataType.Float, "10000"),
            new("general.architecture", MetadataType.String, "llama"),
        };
        if (template is not null)
            metadata.Add(new("tokenizer.chat_template", MetadataType.String, template));
        metadata.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));

        var tensors = new TensorTable();
        tensors.Add("token_embd.weight", embedding, vocabulary, width);
        for (var layer = 0; layer < layers; layer++)
        {
            var block = $"blk.{layer}.";
            tensors.Add(block + "attn_norm.weight", WeightType.F32, width);
            tensors.Add(block + "attn_q.weight", matrices, heads * headSize, width);
            tensors.Add(block + "attn_k.weight", matrices, keyValueHeads * headSize, width);
            tensors.Add(block + "attn_v.weight", matrices, keyValueHeads * headSize, width);
            tensors.Add(block + "attn_output.weight", matrices, width, heads * headSize);
            tensors.Add(block + "ffn_norm.weight", WeightType.F32, width);
            tensors.Add(block + "ffn_gate.weight", matrices, hidden, width);
            tensors.Add(block + "ffn_up.weight", matrices, hidden, width);
            tensors.Add(block + "ffn_down.weight", matrices, width, hidden);
        }

        tensors.Add("output_norm.weight", WeightType.F32, width);
        return new(new(fileName, tensors.Length, new string('a', 64)), "llama", metadata.ToEquatableArray(), tensors.Entries.ToEquatableArray());
    }

    private static MetadataEntry Integer(string key, int value) => new(key, MetadataType.Integer, value.ToString(CultureInfo.InvariantCulture));

    private sealed class TensorTable
    {
        public List<TensorEntry> Entries { get; } = [];

        public long Length { get; private set; } = 4096;

        public void Add(string name, WeightType type, params long[] shape)
        {
            var values = shape.Aggregate(1L, (product, size) => product * size);
            var length = type switch
            {
                WeightType.F32 => values * 4,
                WeightType.Q4_0 => values / 32 * 18,
                WeightType.Q4_1 => values / 32 * 20,
                WeightType.Q8_0 => values / 32 * 34,
                _ => values * 2,
            };
            Entries.Add(new(name, (int)type, shape.ToEquatableArray(), Length, length));
            Length += length;
        }
    }
}
