using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomModels;

/// <summary>A small random llama-like model as a GGUF file, for tests that hold for every model.</summary>
public sealed class RandomModel
{
    private readonly Dictionary<string, SourceTensor> _tensors = [];
    private readonly GgufWriter _writer = new();
    private readonly Random _random;

    private RandomModel(Random random, ModelShape shape)
    {
        _random = random;
        Shape = shape;
        AddMetadata();
        AddTensors();
        File = _writer.ToArray();
    }

    /// <summary>Its dimensions.</summary>
    public ModelShape Shape { get; }

    /// <summary>The GGUF file.</summary>
    public byte[] File { get; }

    /// <summary>Draws shape, types and weights from a seed; the same seed gives the same bytes.</summary>
    public static RandomModel Create(int seed)
    {
        var random = new Random(seed);
        return new RandomModel(random, ModelShape.Draw(random));
    }

    /// <summary>Draws the weights for a given shape.</summary>
    public static RandomModel Create(int seed, ModelShape shape) => new(new Random(seed), shape);

    /// <summary>A tensor of the file.</summary>
    public SourceTensor Tensor(string name) => _tensors[name];

    /// <summary>Writes the file into a directory and gives its path.</summary>
    public string Save(string directory, string fileName = "random.gguf")
    {
        var path = Path.Combine(directory, fileName);
        System.IO.File.WriteAllBytes(path, File);
        return path;
    }

    /// <summary>Random token ids.</summary>
    public int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(Shape.Vocabulary))];

    private void AddMetadata()
    {
        _writer.Add("general.architecture", "llama").Add("general.name", "random")
            .Add("llama.block_count", (uint)Shape.Layers)
            .Add("llama.context_length", (uint)Shape.Context)
            .Add("llama.embedding_length", (uint)Shape.Width)
            .Add("llama.feed_forward_length", (uint)Shape.Hidden)
            .Add("llama.attention.head_count", (uint)Shape.Heads)
            .Add("llama.attention.head_count_kv", (uint)Shape.KeyValueHeads)
            .Add("llama.attention.key_length", (uint)Shape.HeadSize)
            .Add("llama.attention.value_length", (uint)Shape.HeadSize)
            .Add("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Add("llama.rope.dimension_count", (uint)Shape.RotaryDimension)
            .Add("llama.rope.freq_base", 10_000f)
            .Add("llama.vocab_size", (uint)Shape.Vocabulary);
        if (Shape.Experts > 0)
            _writer.Add("llama.expert_count", (uint)Shape.Experts).Add("llama.expert_used_count", 2u);
        if (Shape.Window > 0)
            _writer.Add("llama.attention.sliding_window", (uint)Shape.Window);
        AddScaling();
        RandomVocabulary.AddTo(_writer, Shape.Vocabulary);
    }

    private void AddScaling()
    {
        var original = (uint)(Shape.Context / 4);
        switch (Shape.Scaling)
        {
            case RandomScaling.Linear:
                _writer.Add("llama.rope.scaling.type", "linear").Add("llama.rope.scaling.factor", 2.5f);
                break;
            case RandomScaling.Yarn:
                _writer.Add("llama.rope.scaling.type", "yarn").Add("llama.rope.scaling.factor", 4f)
                    .Add("llama.rope.scaling.original_context_length", original);
                break;
            case RandomScaling.PerPair:
                Add("rope_freqs.weight", RandomTensors.Vector(_random, Shape.RotaryDimension / 2, 4f, 0.5f), isVector: true);
                break;
            case RandomScaling.LongRope:
                _writer.Add("llama.rope.scaling.type", "longrope").Add("llama.rope.scaling.factor", 4f)
                    .Add("llama.rope.scaling.original_context_length", original).Add("llama.rope.scaling.attn_factor", 1.125f);
                Add("rope_factors_short.weight", RandomTensors.Vector(_random, Shape.RotaryDimension / 2, 2f, 0.2f), isVector: true);
                Add("rope_factors_long.weight", RandomTensors.Vector(_random, Shape.RotaryDimension / 2, 6f, 0.5f), isVector: true);
                break;
            default:
                break;
        }
    }

    private void AddTensors()
    {
        var attention = Shape.Heads * Shape.HeadSize;
        var keys = Shape.KeyValueHeads * Shape.HeadSize;
        Matrix("token_embd.weight", Shape.Vocabulary, Shape.Width);
        for (var layer = 0; layer < Shape.Layers; layer++)
        {
            var prefix = $"blk.{layer}.";
            Norm(prefix + "attn_norm.weight");
            // Often one type for all three, so that they are fused, and for gate and up, so that they stay quantized.
            WeightType? fused = _random.Next(2) == 0 ? Draw(Shape.Width) : null;
            Linear(prefix + "attn_q", attention, Shape.Width, Shape.AttentionBias, fused);
            Linear(prefix + "attn_k", keys, Shape.Width, Shape.AttentionBias, fused);
            Linear(prefix + "attn_v", keys, Shape.Width, Shape.AttentionBias, fused);
            Linear(prefix + "attn_output", Shape.Width, attention, Shape.OtherBiases);
            Norm(prefix + "ffn_norm.weight");
            if (Shape.Experts > 0)
            {
                Experts(prefix);
                continue;
            }

            fused = _random.Next(4) != 0 ? Draw(Shape.Width) : null;
            Linear(prefix + "ffn_gate", Shape.Hidden, Shape.Width, Shape.OtherBiases, fused);
            Linear(prefix + "ffn_up", Shape.Hidden, Shape.Width, Shape.OtherBiases, fused);
            Linear(prefix + "ffn_down", Shape.Width, Shape.Hidden, Shape.OtherBiases);
        }

        Norm("output_norm.weight");
        if (!Shape.Tied)
            Matrix("output.weight", Shape.Vocabulary, Shape.Width);
    }

    private void Experts(string prefix)
    {
        Matrix(prefix + "ffn_gate_inp.weight", Shape.Experts, Shape.Width, WeightType.F32);
        Matrices("ffn_gate_exps", Shape.Hidden, Shape.Width);
        Matrices("ffn_up_exps", Shape.Hidden, Shape.Width);
        Matrices("ffn_down_exps", Shape.Width, Shape.Hidden);

        void Matrices(string name, int rows, int columns) =>
            _writer.Add($"{prefix}{name}.weight", RandomTensors.Matrix(_random, Draw(columns), Shape.Experts * rows, columns), Shape.Experts);
    }

    private void Norm(string name) => Add(name, RandomTensors.Vector(_random, Shape.Width, 1f, 0.2f), isVector: true);

    private void Linear(string name, int rows, int columns, bool bias, WeightType? type = null)
    {
        Matrix(name + ".weight", rows, columns, type);
        if (bias)
            Add(name + ".bias", RandomTensors.Vector(_random, rows, 0f, 0.2f), isVector: true);
    }

    private void Matrix(string name, int rows, int columns, WeightType? type = null) =>
        Add(name, RandomTensors.Matrix(_random, type ?? Draw(columns), rows, columns), isVector: false);

    /// <summary>One of the shape's types that rows of this length can have.</summary>
    private WeightType Draw(int columns)
    {
        var possible = Shape.Types.Where(type => type is WeightType.F32 or WeightType.F16 or WeightType.BF16 || columns % SourceTensor.BlockLength == 0).ToArray();
        return possible.Length == 0 ? WeightType.F32 : possible[_random.Next(possible.Length)];
    }

    private void Add(string name, SourceTensor tensor, bool isVector)
    {
        _tensors.Add(name, tensor);
        _writer.Add(name, tensor, isVector);
    }
}
