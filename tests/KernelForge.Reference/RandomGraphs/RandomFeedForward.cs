using KernelForge.Graphs;

namespace KernelForge.Reference.RandomGraphs;

/// <summary>A feed-forward, gated or not, or a mixture of experts with any routing, with something that every token passes through or without.</summary>
internal sealed class RandomFeedForward
{
    private readonly Random _random;
    private readonly RandomShape _shape;
    private readonly RandomWeights _weights;
    private readonly RandomLinear _linear;
    private readonly Form _form;
    private readonly Activation _activation;
    private readonly Routing _routing;
    private readonly int _experts;
    private readonly bool _isCorrected;
    private readonly ClampedUnit? _clamp;
    private readonly int _shared;
    private readonly bool _isSharedGated;
    private readonly string? _type;

    public RandomFeedForward(Random random, RandomShape shape, RandomWeights weights, RandomLinear linear)
    {
        (_random, _shape, _weights, _linear) = (random, shape, weights, linear);
        _form = (Form)random.Next(4);
        _activation = (Activation)random.Next(Enum.GetValues<Activation>().Length);
        (_experts, _routing) = DrawRouting();
        _isCorrected = random.Next(3) == 0;
        _clamp = random.Next(3) == 0 ? new ClampedUnit(1.702f, 0.75f) : null;
        _shared = random.Next(2) == 0 ? random.Next(1, 3) * shape.Hidden : 0;
        _isSharedGated = random.Next(2) == 0;
        _type = random.Next(4) == 0 ? null : "gate and up";
    }

    private enum Form
    {
        Gated,
        Plain,
        Mixture,
        Mixture2,
    }

    public int Build(GraphBuilder graph, int x) => _form switch
    {
        Form.Gated => Gated(graph, x, string.Empty, _shape.Hidden),
        Form.Plain => Linear(graph, "Down", graph.Activate("Activated", Linear(graph, "Up", x, _shape.Hidden, _shape.Width), _activation), _shape.Width, _shape.Hidden),
        _ => Mixture(graph, x),
    };

    private int Gated(GraphBuilder graph, int x, string prefix, int hidden)
    {
        var (gate, up) = (Linear(graph, prefix + "Gate", x, hidden, _shape.Width, _type), Linear(graph, prefix + "Up", x, hidden, _shape.Width, _type));
        return Linear(graph, prefix + "Down", graph.Gate(prefix + "GatedUnit", gate, up, _activation), _shape.Width, hidden);
    }

    private int Mixture(GraphBuilder graph, int x)
    {
        var logits = Linear(graph, "Router", x, _experts, _shape.Width);
        var gates = _linear.Experts("ExpertGate", _experts, _shape.Hidden, _shape.Width, _type);
        var ups = _linear.Experts("ExpertUp", _experts, _shape.Hidden, _shape.Width, _type);
        var downs = _linear.Experts("ExpertDown", _experts, _shape.Width, _shape.Hidden);
        var experts = Enumerable.Range(0, _experts).Select(i => new Expert(gates[i], ups[i], downs[i])).ToEquatableArray();
        var routing = _routing with { Correction = _isCorrected ? _weights.Vector(_experts, 0, 0.3f) : null };
        var mixed = graph.Mixture("Mixture", x, logits, routing, experts, _activation, _clamp);
        if (_shared == 0)
            return mixed;
        var shared = Gated(graph, x, "Shared", _shared);
        if (_isSharedGated)
            shared = graph.RowGate("SharedGated", shared, Linear(graph, "SharedRouter", x, 1, _shape.Width));
        return graph.Add("MixtureWithShared", mixed, shared);
    }

    private int Linear(GraphBuilder graph, string name, int x, int rows, int columns, string? type = null) =>
        graph.Linear(name, x, _linear.Part(name, rows, columns, type));

    private (int Experts, Routing Routing) DrawRouting()
    {
        var groups = _random.Next(3) == 0 ? _random.Next(2, 4) : 1;
        var size = _random.Next(1, groups > 1 ? 4 : 10);
        var activeGroups = _random.Next(1, groups + 1);
        var score = (RoutingScore)_random.Next(Enum.GetValues<RoutingScore>().Length);
        var active = _random.Next(1, Math.Min(4, activeGroups * size) + 1);
        return (groups * size, new Routing(
            active, score, null, groups, activeGroups, groups > 1 && size > 1 ? _random.Next(1, 3) : 1, _random.Next(2) == 0 ? 1e-20f : 0, _random.Next(2) == 0 ? 1 : 2.5f,
            _random.Next(4) == 0, score == RoutingScore.SparseMixer ? 0.3f : 0));
    }
}
