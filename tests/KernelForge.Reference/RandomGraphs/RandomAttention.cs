using KernelForge.Graphs;

namespace KernelForge.Reference.RandomGraphs;

/// <summary>Attention with any of its options.</summary>
internal sealed class RandomAttention
{
    private readonly Random _random;
    private readonly RandomShape _shape;
    private readonly RandomWeights _weights;
    private readonly RandomLinear _linear;
    private readonly AttentionNode _node;
    private readonly NormForm _headNorms;
    private readonly bool _isAfterRotary;
    private readonly bool _hasSinks;
    private readonly (int Buckets, int Farthest)? _bias;
    private readonly NormKind _norm;
    private readonly string? _type;

    public RandomAttention(Random random, RandomShape shape, RandomWeights weights, RandomLinear linear)
    {
        (_random, _shape, _weights, _linear) = (random, shape, weights, linear);
        var heads = shape.KeyValueHeads * random.Next(1, 5);
        int Sometimes(int least, int most) => random.Next(3) == 0 ? random.Next(least, most) : 0;
        _node = new AttentionNode(
            0, "Attention", 0, heads * shape.HeadSize, default, heads, shape.KeyValueHeads, shape.HeadSize,
            random.Next(2) == 0 ? (float)(1 / Math.Sqrt(shape.HeadSize)) : 0.3f, Sometimes(1, 80), random.Next(-1, shape.Pairs.Length), random.Next(2) == 0,
            null, random.Next(3) == 0 ? 5.5f : 0, null, Sometimes(1, 80), random.Next(4) == 0 ? new QueryTemperature(0.3, 0.5 + random.Next(1, 30)) : null);
        _headNorms = (NormForm)random.Next(5);
        _isAfterRotary = random.Next(2) == 0;
        _hasSinks = random.Next(3) == 0;
        _norm = (NormKind)random.Next(2);
        _type = random.Next(2) == 0 ? "projections" : null;
        var buckets = random.Next(4, 20);
        _bias = random.Next(3) == 0 ? (buckets, random.Next(buckets, shape.Context)) : null;
    }

    private enum NormForm
    {
        None,
        None2,
        Shared,
        EachHead,
        Whole,
    }

    public int Build(GraphBuilder graph, int x)
    {
        var keys = _node.KeyValueHeads * _node.HeadSize;
        int Linear(string name, int input, int rows, int columns, string? type) => graph.Linear(name, input, _linear.Part(name, rows, columns, type));
        var inputs = EquatableArray.Create(
            Linear("Query", x, _node.Width, _shape.Width, _type), Linear("Key", x, keys, _shape.Width, _type), Linear("Value", x, keys, _shape.Width, _type));
        var norms = _headNorms is NormForm.None or NormForm.None2
            ? null
            : new HeadNorms(HeadNorm(_node.Heads), HeadNorm(_node.KeyValueHeads), _headNorms == NormForm.Whole, _isAfterRotary);
        var sinks = _hasSinks ? _weights.Vector(_node.Heads, 0, 2) : null;
        var bias = _bias is { } form ? new RelativeBias(_linear.Part("Distances", form.Buckets, _node.Heads).Matrix, form.Farthest) : null;
        var attended = graph.Attention(id => _node with { Id = id, Layer = graph.Layer, Inputs = inputs, HeadNorms = norms, Sinks = sinks, Bias = bias });
        return Linear("AttentionOutput", attended, _shape.Width, _node.Width, null);
    }

    private Norm HeadNorm(int heads) => RandomNorm.Draw(_random, _weights, _norm, _headNorms == NormForm.Shared ? _node.HeadSize : heads * _node.HeadSize, 1e-6f);
}
