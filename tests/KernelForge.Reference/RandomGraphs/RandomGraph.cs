using KernelForge.Graphs;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomGraphs;

/// <summary>A small random decoder: any nodes and options that a plan can have, in any combination, and the weights that go with them.</summary>
public sealed class RandomGraph
{
    private readonly Random _random;
    private readonly RandomWeights _weights;

    private RandomGraph(int seed, RandomBatch batch)
    {
        _random = new Random(seed);
        _weights = new RandomWeights(_random, batch.Types);
        Seed = seed;
        Graph = Build(new RandomShape(_random, batch.HeadSize));
    }

    /// <summary>What it is drawn from.</summary>
    public int Seed { get; }

    /// <summary>The graph.</summary>
    public ModelGraph Graph { get; }

    /// <summary>Draws a graph of a batch.</summary>
    internal static RandomGraph Create(int seed, RandomBatch batch) => new(seed, batch);

    /// <summary>A tensor that it names.</summary>
    public SourceTensor Tensor(string name) => _weights[name];

    /// <summary>Writes its tensors into a GGUF file of a directory and gives the path.</summary>
    public string Save(string directory)
    {
        var path = Path.Combine(directory, $"graph{Seed}.gguf");
        File.WriteAllBytes(path, _weights.ToFile());
        return path;
    }

    /// <summary>Random token ids.</summary>
    public int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(Graph.Vocabulary))];

    private ModelGraph Build(RandomShape shape)
    {
        var width = shape.Width;
        var graph = new GraphBuilder(width);
        var table = _weights.Matrix("embedding", shape.Vocabulary, width);
        var x = graph.Embedding("Embedding", table, _random.Next(2) == 0 ? 1 : 3.5f);
        if (_random.Next(4) == 0)
            x = graph.Add("EmbeddingWithPosition", x, graph.Position("Position", _weights.Matrix("positions", shape.Context + _random.Next(3), width)));

        // Layers of one form are compiled once, so forms repeat.
        RandomLayer[] forms = [.. Enumerable.Range(0, _random.Next(1, 3)).Select(i => new RandomLayer(_random, shape, _weights, $"form {i} "))];
        for (graph.Layer = 0; graph.Layer < shape.Layers; graph.Layer++)
            x = forms[_random.Next(forms.Length)].Build(graph, x);
        graph.Layer = -1;
        var norm = RandomNorm.Draw(_random, _weights, (NormKind)_random.Next(2), width, 1e-5f);
        if (norm.Scale is { } scale && _random.Next(3) == 0)
            norm = norm with { Scale = scale with { Factor = 0.25f, Offset = 0.5f } };
        x = graph.Norm("FinalNorm", x, norm);
        var head = _random.Next(2) == 0 ? table : _weights.Matrix("head", shape.Vocabulary, width);
        x = graph.Linear("Logits", x, new LinearPart("Logits", head, _random.Next(3) == 0 ? _weights.Vector(shape.Vocabulary, 0, 0.5f) : null));
        if (_random.Next(3) == 0)
            graph.Softcap("CappedLogits", x, 2.5f);
        return graph.Build("random", shape.Vocabulary, shape.Context, shape.Layers, Rotaries(shape));
    }

    private EquatableArray<RotaryTable> Rotaries(RandomShape shape) => shape.Pairs.Select(pairs => new RotaryTable(pairs, 5000.5, _random.Next(7) switch
    {
        0 => new RotaryScaling.Linear(2.5),
        1 when pairs > 1 => new RotaryScaling.Dynamic(2, shape.Context / 3),
        2 => new RotaryScaling.Yarn(4, shape.Context / 4, 1.125, 32, 1, _random.Next(2) == 0),
        3 => new RotaryScaling.Llama3(8, 1, 4, shape.Context / 4),
        4 => new RotaryScaling.PerPair(default, default, _weights.Factors(pairs), _weights.Factors(pairs), shape.Context / 2, 1.25),
        5 => new RotaryScaling.PerPair(Factors(pairs), Factors(pairs), null, null, shape.Context / 2, 1),
        _ => new RotaryScaling.Default(),
    })).ToEquatableArray();

    private EquatableArray<double> Factors(int count) => Enumerable.Range(0, count).Select(_ => 1 + _random.NextDouble()).ToEquatableArray();
}

/// <summary>Sizes of a random graph: what its layers have in common.</summary>
internal sealed class RandomShape
{
    public RandomShape(Random random, int headSize)
    {
        // Rows of whole blocks of 32 can be quantized; others show what odd lengths do.
        var isEven = random.Next(3) != 0;
        HeadSize = headSize;
        Width = isEven ? 32 * random.Next(1, 4) : random.Next(11, 90);
        Hidden = isEven ? 32 * random.Next(1, 5) : random.Next(9, 120);
        Vocabulary = random.Next(30, 150);
        Layers = random.Next(1, 4);
        KeyValueHeads = random.Next(1, 4);
        Context = random.Next(90, 150);
        Pairs = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => random.Next(2) == 0 ? headSize / 2 : random.Next(1, (headSize / 2) + 1))];
    }

    public int HeadSize { get; }

    public int Width { get; }

    public int Hidden { get; }

    public int Vocabulary { get; }

    public int Layers { get; }

    public int KeyValueHeads { get; }

    public int Context { get; }

    /// <summary>Rotated pairs of each rotary table.</summary>
    public int[] Pairs { get; }
}
