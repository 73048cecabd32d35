using System.Globalization;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests;

/// <summary>Manifests of llama-like models of any shape, as describe would write them for a GGUF file.</summary>
internal sealed record LlamaManifest
{
    public int Vocabulary { get; init; } = 320;
    public int Width { get; init; } = 64;
    public int Layers { get; init; } = 2;
    public int Hidden { get; init; } = 128;
    public int Heads { get; init; } = 4;
    public int KeyValueHeads { get; init; } = 2;
    public int HeadSize { get; init; } = 16;
    public int Context { get; init; } = 256;
    public double Theta { get; init; } = 10_000;
    public bool Tied { get; init; }
    public bool Biases { get; init; }
    public WeightType Matrices { get; init; } = WeightType.Q4_0;
    public WeightType Table { get; init; } = WeightType.Q8_0;
    public WeightType? Keys { get; init; }
    public WeightType? Ups { get; init; }

    /// <summary>The embedded default model.</summary>
    public static readonly LlamaManifest SmolLM2 = new()
    {
        Vocabulary = 49_152, Width = 576, Layers = 30, Hidden = 1_536, Heads = 9, KeyValueHeads = 3, HeadSize = 64, Context = 8_192,
        Theta = 100_000, Tied = true, Matrices = WeightType.Q4_1,
    };

    /// <summary>Llama 3.2 3B.</summary>
    public static readonly LlamaManifest ThreeBillion = new()
    {
        Vocabulary = 128_256, Width = 3_072, Layers = 28, Hidden = 8_192, Heads = 24, KeyValueHeads = 8, HeadSize = 128, Context = 131_072,
        Theta = 500_000, Tied = true,
    };

    public Manifest Build()
    {
        var metadata = new List<MetadataEntry>
        {
            Integer("llama.attention.head_count", Heads),
            Integer("llama.attention.head_count_kv", KeyValueHeads),
            Integer("llama.attention.key_length", HeadSize),
            new("llama.attention.layer_norm_rms_epsilon", MetadataType.Float, "1E-05"),
            Integer("llama.attention.value_length", HeadSize),
            Integer("llama.block_count", Layers),
            Integer("llama.context_length", Context),
            Integer("llama.embedding_length", Width),
            Integer("llama.feed_forward_length", Hidden),
            Integer("llama.rope.dimension_count", HeadSize),
            new("llama.rope.freq_base", MetadataType.Float, Theta.ToString("R", CultureInfo.InvariantCulture)),
            Integer("llama.vocab_size", Vocabulary),
        };
        return new Manifest(
            new SourceIdentity("model.gguf", 1_000_000, "00112233445566778899aabbccddeeff"), "llama", metadata.ToEquatableArray(), Tensors().ToEquatableArray());
    }

    public static MetadataEntry Integer(string key, long value) => new(key, MetadataType.Integer, value.ToString(CultureInfo.InvariantCulture));

    private IEnumerable<TensorEntry> Tensors()
    {
        yield return Matrix("token_embd.weight", Table, Vocabulary, Width);
        for (var layer = 0; layer < Layers; layer++)
        {
            foreach (var (name, type, rows, columns) in LayerMatrices())
            {
                yield return Matrix($"blk.{layer}.{name}.weight", type, rows, columns);
                if (Biases)
                    yield return Vector($"blk.{layer}.{name}.bias", rows);
            }

            yield return Vector($"blk.{layer}.attn_norm.weight", Width);
            yield return Vector($"blk.{layer}.ffn_norm.weight", Width);
        }

        yield return Vector("output_norm.weight", Width);
        if (!Tied)
            yield return Matrix("output.weight", Table, Vocabulary, Width);
    }

    private IEnumerable<(string Name, WeightType Type, int Rows, int Columns)> LayerMatrices() =>
    [
        ("attn_q", Matrices, Heads * HeadSize, Width),
        ("attn_k", Keys ?? Matrices, KeyValueHeads * HeadSize, Width),
        ("attn_v", Matrices, KeyValueHeads * HeadSize, Width),
        ("attn_output", Matrices, Width, Heads * HeadSize),
        ("ffn_gate", Matrices, Hidden, Width),
        ("ffn_up", Ups ?? Matrices, Hidden, Width),
        ("ffn_down", Matrices, Width, Hidden),
    ];

    private static TensorEntry Matrix(string name, WeightType type, int rows, int columns) =>
        new(name, (int)type, EquatableArray.Create<long>(rows, columns), 0, 0);

    private static TensorEntry Vector(string name, int length) => new(name, 0, EquatableArray.Create<long>(length), 0, 0);
}
