using KernelForge.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace KernelForge.Generator.GraphReading;

/// <summary>A graph that is being declared: the call that began it.</summary>
/// <param name="Arguments">Of that call.</param>
/// <param name="IsEncoder">Which of the two it was.</param>
internal sealed record GraphRoot(Arguments? Arguments, bool IsEncoder);

/// <summary>A value of the declaration: a root, or a part after another value. A branch has a root of its own.</summary>
internal sealed class ReadValue(GraphRoot root, ReadValue? before, Part? part)
{
    private readonly int _layers = (before?._layers ?? 0) + (part is LayerPart ? 1 : 0);

    public GraphRoot Root => root;

    /// <summary>Layers so far.</summary>
    public int LayerCount => _layers;

    /// <summary>The number of the last layer in the weights, or -1.</summary>
    public int LastStored => part is LayerPart layer ? layer.Stored : before?.LastStored ?? -1;

    public ReadValue Then(Part next) => new(root, this, next);

    /// <summary>All parts from the root on.</summary>
    public EquatableArray<Part> Parts()
    {
        var parts = new List<Part>();
        for (var value = this; value is not null; value = value.Before)
        {
            if (value.Part is { } own)
                parts.Add(own);
        }

        parts.Reverse();
        return parts.ToEquatableArray();
    }

    private ReadValue? Before => before;

    private Part? Part => part;
}

/// <summary>A member of an enum, before it is known which enum of the graph it stands for.</summary>
internal sealed record EnumValue(int Number);

/// <summary>A range of layers.</summary>
internal sealed record RangeValue(int Start, int End);

/// <summary>A lambda or a method, with what it sees.</summary>
/// <param name="Parameters">In their order.</param>
/// <param name="Body">A block.</param>
/// <param name="Scope">Values of the locals around it.</param>
internal sealed record FunctionValue(IReadOnlyList<IParameterSymbol> Parameters, IOperation Body, Scope Scope);

/// <summary>Values of locals and parameters. Assignments inside a lambda would make its calls depend on their order, so they end at its border.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<ISymbol, object?> _values = new(SymbolEqualityComparer.Default);

    /// <summary>A scope that sees this one.</summary>
    public Scope Inner() => new(this);

    public void Declare(ISymbol symbol, object? value) => _values[symbol] = value;

    public bool TryFind(ISymbol symbol, out object? value) => _values.TryGetValue(symbol, out value) || (outer?.TryFind(symbol, out value) ?? false);

    /// <summary>Changes a value where it was declared, if that is in this scope.</summary>
    public bool TryAssign(ISymbol symbol, object? value)
    {
        if (!_values.ContainsKey(symbol))
            return false;
        _values[symbol] = value;
        return true;
    }
}
