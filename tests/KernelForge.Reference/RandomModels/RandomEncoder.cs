using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomModels;

/// <summary>A small random encoder as a GGUF file: a BERT, or one with rotary positions, fused projections and a gated feed-forward.</summary>
public sealed class RandomEncoder
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private static readonly string[] Control = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly GgufWriter _writer = new();
    private readonly Random _random;
    private readonly WeightType[] _types;
    private readonly bool _isNomic;
    private readonly int _width;
    private readonly int _hidden;
    private readonly int _heads;
    private readonly int _headSize;

    private RandomEncoder(int seed)
    {
        _random = new Random(seed);
        _isNomic = seed % 2 == 0;
        PoolingType = seed % 4;
        _types = [.. SourceTensor.Types];
        _random.Shuffle(_types);
        _types = _types[.._random.Next(1, _types.Length + 1)];
        var quantized = _random.Next(4) != 0;
        _width = quantized ? 32 * _random.Next(1, 5) : _random.Next(17, 120);
        _hidden = quantized ? 32 * _random.Next(1, 6) : _random.Next(17, 150);
        _heads = _random.Next(1, 5);
        _headSize = 8 * _random.Next(1, 9);
        Vocabulary = _random.Next(60, 200);
        Context = _random.Next(130, 200);
        AddMetadata(_random.Next(1, 4));
    }

    /// <summary>Token ids.</summary>
    public int Vocabulary { get; }

    /// <summary>Longest text.</summary>
    public int Context { get; }

    /// <summary>How the file says that a text's vector is made, by GGUF's numbers: not at all, mean, first, last.</summary>
    public int PoolingType { get; }

    /// <summary>Draws shape, types and weights from a seed, an even one for rotary positions; the same seed gives the same bytes.</summary>
    public static RandomEncoder Create(int seed) => new(seed);

    /// <summary>Writes the file into a directory and gives its path.</summary>
    public string Save(string directory, string fileName = "encoder.gguf")
    {
        var path = Path.Combine(directory, fileName);
        File.WriteAllBytes(path, _writer.ToArray());
        return path;
    }

    /// <summary>Random token ids.</summary>
    public int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(Vocabulary))];

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(_isNomic ? "nomic-bert" : "bert")}, width {_width} x {_hidden}, {_heads} heads of {_headSize}, vocabulary {Vocabulary}, context {Context}, {string.Join("+", _types)}";

    private void AddMetadata(int layers)
    {
        var name = _isNomic ? "nomic-bert" : "bert";
        _writer.Add("general.architecture", name)
            .Add(name + ".block_count", (uint)layers)
            .Add(name + ".context_length", (uint)Context)
            .Add(name + ".embedding_length", (uint)_width)
            .Add(name + ".feed_forward_length", (uint)_hidden)
            .Add(name + ".attention.head_count", (uint)_heads)
            .Add(name + ".attention.key_length", (uint)_headSize)
            .Add(name + ".attention.value_length", (uint)_headSize)
            .Add(name + ".attention.layer_norm_epsilon", 1e-12f)
            .Add(name + ".attention.causal", false)
            .Add(name + ".pooling_type", (uint)PoolingType)
            .Add("tokenizer.ggml.token_type_count", 2u);
        if (_isNomic)
            _writer.Add(name + ".rope.freq_base", 1000f);
        string[] tokens = [.. Control, .. Letters.Select(letter => $"▁{letter}"), .. Letters.Select(letter => $"{letter}")];
        tokens = [.. tokens, .. Enumerable.Range(0, Vocabulary - tokens.Length).Select(i => $"▁{Letters[i % 26]}{Letters[i / 26]}")];
        _writer.Add("tokenizer.ggml.model", "bert").Add("tokenizer.ggml.tokens", tokens)
            .Add("tokenizer.ggml.token_type", tokens.Select((_, id) => id < Control.Length ? 3 : 1).ToArray())
            .Add("tokenizer.ggml.unknown_token_id", 1u).Add("tokenizer.ggml.padding_token_id", 0u)
            .Add("tokenizer.ggml.cls_token_id", 2u).Add("tokenizer.ggml.seperator_token_id", 3u).Add("tokenizer.ggml.mask_token_id", 4u);
        AddTensors(layers);
    }

    private void AddTensors(int layers)
    {
        var attention = _heads * _headSize;
        Matrix("token_embd.weight", Vocabulary, _width);
        Matrix("token_types.weight", 2, _width);
        if (!_isNomic)
            Matrix("position_embd.weight", Context, _width);
        Norm("token_embd_norm");
        for (var layer = 0; layer < layers; layer++)
        {
            var prefix = $"blk.{layer}.";
            if (_isNomic)
            {
                Linear(prefix + "attn_qkv", 3 * attention, _width);
                Linear(prefix + "ffn_gate", _hidden, _width);
            }
            else
            {
                Linear(prefix + "attn_q", attention, _width);
                Linear(prefix + "attn_k", attention, _width);
                Linear(prefix + "attn_v", attention, _width);
            }

            Linear(prefix + "attn_output", _width, attention);
            Norm(prefix + "attn_output_norm");
            Linear(prefix + "ffn_up", _hidden, _width);
            Linear(prefix + "ffn_down", _width, _hidden);
            Norm(prefix + "layer_output_norm");
        }
    }

    private void Norm(string name)
    {
        _writer.Add(name + ".weight", RandomTensors.Vector(_random, _width, 1f, 0.2f), isVector: true);
        _writer.Add(name + ".bias", RandomTensors.Vector(_random, _width, 0f, 0.2f), isVector: true);
    }

    private void Linear(string name, int rows, int columns)
    {
        Matrix(name + ".weight", rows, columns);
        if (!_isNomic)
            _writer.Add(name + ".bias", RandomTensors.Vector(_random, rows, 0f, 0.2f), isVector: true);
    }

    private void Matrix(string name, int rows, int columns)
    {
        var possible = _types.Where(type => type is WeightType.F32 or WeightType.F16 or WeightType.BF16 || columns % SourceTensor.BlockLength == 0).ToArray();
        var type = possible.Length == 0 ? WeightType.F32 : possible[_random.Next(possible.Length)];
        _writer.Add(name, RandomTensors.Matrix(_random, type, rows, columns), isVector: false);
    }
}
