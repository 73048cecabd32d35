using KernelForge.Graphs;

namespace KernelForge.Reference.RandomGraphs;

/// <summary>A form of layers: what it consists of is drawn once, its weights anew for every layer.</summary>
internal sealed class RandomLayer
{
    private readonly Random _random;
    private readonly RandomShape _shape;
    private readonly RandomWeights _weights;
    private readonly RandomAttention _attention;
    private readonly RandomFeedForward _feedForward;
    private readonly Place _place;
    private readonly NormKind _norm;
    private readonly float _residual;

    /// <summary>Draws a form.</summary>
    /// <param name="random">Where everything is drawn from.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Gives the tensors.</param>
    /// <param name="key">Of the form, before the keys of its matrices.</param>
    public RandomLayer(Random random, RandomShape shape, RandomWeights weights, string key)
    {
        (_random, _shape, _weights) = (random, shape, weights);
        var linear = new RandomLinear(random, weights, key);
        _attention = new RandomAttention(random, shape, weights, linear);
        _feedForward = new RandomFeedForward(random, shape, weights, linear);
        _place = (Place)random.Next(5);
        _norm = (NormKind)random.Next(2);
        _residual = random.Next(3) == 0 ? 0.22f : 1;
    }

    /// <summary>Where norms stand.</summary>
    private enum Place
    {
        Before,
        After,
        BeforeAndAfter,
        OneForBoth,
        OneForEach,
    }

    /// <summary>Adds a layer of this form after <paramref name="x"/>.</summary>
    public int Build(GraphBuilder graph, int x)
    {
        var first = _place == Place.After ? x : Norm("AttentionNorm", x);
        var second = _place == Place.OneForBoth ? first : _place == Place.OneForEach ? Norm("FeedForwardNorm", x) : -1;
        x = graph.Add("AttentionResidual", x, AfterNorm("PostAttentionNorm", _attention.Build(graph, first)), _residual);
        if (second < 0)
            second = _place == Place.After ? x : Norm("FeedForwardNorm", x);
        return graph.Add("FeedForwardResidual", x, AfterNorm("PostFeedForwardNorm", _feedForward.Build(graph, second)), _residual);

        int Norm(string name, int input) => graph.Norm(name, input, RandomNorm.Draw(_random, _weights, _norm, _shape.Width, 1e-5f));
        int AfterNorm(string name, int input) => _place is Place.After or Place.BeforeAndAfter ? Norm(name, input) : input;
    }
}

/// <summary>Matrices of a form of layers, with biases now and then.</summary>
internal sealed class RandomLinear(Random random, RandomWeights weights, string key)
{
    private readonly Dictionary<string, bool> _hasBias = [];

    /// <summary>A matrix that other layers of the form have alike.</summary>
    /// <param name="name">Of the part.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="type">Matrices of one such key have one type; null: a type of its own.</param>
    public LinearPart Part(string name, int rows, int columns, string? type = null) =>
        new(name, weights.Matrix(key + (type ?? name), rows, columns), HasBias(name) ? weights.Vector(rows, 0, 0.2f) : null);

    /// <summary>The same of several experts.</summary>
    public LinearPart[] Experts(string name, int count, int rows, int columns, string? type = null)
    {
        var matrices = weights.Experts(key + (type ?? name), count, rows, columns);
        return Array.ConvertAll(matrices, matrix => new LinearPart(name, matrix, HasBias(name) ? weights.Vector(rows, 0, 0.2f) : null));
    }

    private bool HasBias(string name)
    {
        if (!_hasBias.TryGetValue(name, out var has))
            _hasBias[name] = has = random.Next(4) == 0;
        return has;
    }
}
