using System.Globalization;
using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>Builds the nodes of a mixture of experts.</summary>
internal sealed class MixtureGraph(DeclarationBuilder builder, MixturePart mixture, int width)
{
    private readonly ModelReader _model = builder.Model;
    private readonly GraphBuilder _graph = builder.Graph;
    private readonly DecoderTensors _names = builder.Names;

    /// <summary>What the experts, and what every token passes through, give together.</summary>
    public int Build(int x)
    {
        var router = new LinearPart(
            "Router", _model.Matrix(builder.Path(_names.Router) + ".weight", mixture.Experts, width), _model.OptionalVector(builder.Path(_names.Router) + ".bias", mixture.Experts));
        var logits = _graph.Linear("Router", x, router);
        var correction = builder.Path(_names.Correction);
        var routing = mixture.Routing with { Correction = _model.HasTensor(correction) ? _model.VectorOfRows(correction, 1, mixture.Experts) : null };
        var experts = Enumerable.Range(0, mixture.Experts).Select(Expert).ToEquatableArray();
        var mixed = _graph.Mixture("Mixture", x, logits, routing, experts, mixture.Activation, mixture.Clamp);
        return mixture.SharedHidden == 0 ? mixed : _graph.Add("MixtureWithShared", mixed, Shared(x));
    }

    private int Shared(int x)
    {
        var hidden = mixture.SharedHidden;
        var (gate, up) = (builder.Linear("SharedGate", x, _names.SharedGate, hidden, width), builder.Linear("SharedUp", x, _names.SharedUp, hidden, width));
        var shared = builder.Linear("SharedDown", _graph.Gate("SharedUnit", gate, up, mixture.Activation), _names.SharedDown, width, hidden);
        var weight = builder.Path(_names.SharedRouter) + ".weight";
        if (!_model.HasTensor(weight))
            return shared;
        // GGUF has the row as a vector.
        var row = _model.RowsOf(weight) == 1 ? _model.Matrix(weight, 1, width) : _model.Vector(weight, width) with { Rows = 1, Columns = width };
        return _graph.RowGate("SharedGated", shared, _graph.Linear("SharedRouter", x, new LinearPart("SharedRouter", row, null)));
    }

    private Expert Expert(int index)
    {
        var hidden = mixture.Hidden;
        // First row and step of the gate and of up in a matrix that holds both.
        var (up, step) = mixture.Storage is ExpertForm.Alternating or ExpertForm.TransposedAlternating ? (1, 2) : (hidden, 1);
        return mixture.Storage switch
        {
            ExpertForm.Separate => new Expert(
                Part("Gate", _names.ExpertGate, index, hidden, 0, 1, hidden, width), Part("Up", _names.ExpertUp, index, hidden, 0, 1, hidden, width),
                Part("Down", _names.ExpertDown, index, width, 0, 1, width, hidden)),
            ExpertForm.GateThenUp or ExpertForm.Alternating => new Expert(
                Part("Gate", _names.ExpertGate, index, 2 * hidden, 0, step, hidden, width), Part("Up", _names.ExpertGate, index, 2 * hidden, up, step, hidden, width),
                Part("Down", _names.ExpertDown, index, width, 0, 1, width, hidden)),
            _ => new Expert(
                Transposed("Gate", _names.ExpertGate, index, 2 * hidden, 0, step, hidden, width), Transposed("Up", _names.ExpertGate, index, 2 * hidden, up, step, hidden, width),
                Transposed("Down", _names.ExpertDown, index, width, 0, 1, width, hidden)),
        };
    }

    /// <summary>Every <paramref name="step"/>th row of an expert's matrix of <paramref name="allRows"/>, which has a tensor of its own or lies in one with those of the others.</summary>
    private LinearPart Part(string name, string tensor, int index, int allRows, int first, int step, int rows, int columns)
    {
        var path = builder.Path(tensor);
        if (!path.Contains("{0}"))
        {
            var all = _model.Experts(path, mixture.Experts, allRows, columns);
            var stride = (long)step * columns;
            var view = new TensorView((((long)index * allRows) + first) * columns, 1, stride, stride, 1);
            return new LinearPart(name, all with { Rows = rows, View = view }, Bias(path, index, allRows, first, step, rows));
        }

        path = string.Format(CultureInfo.InvariantCulture, path, index);
        var matrix = allRows == rows ? _model.Matrix(path, rows, columns) : _model.RowsOf(path, allRows, columns, first, rows);
        return new LinearPart(name, matrix, null);
    }

    /// <summary>Every <paramref name="step"/>th row of an expert's matrix that is stored transposed, in one tensor with those of the others.</summary>
    private LinearPart Transposed(string name, string tensor, int index, int allRows, int first, int step, int rows, int columns)
    {
        var path = builder.Path(tensor);
        var all = _model.TransposedExperts(path, mixture.Experts, allRows, columns);
        var view = new TensorView(((long)index * columns * allRows) + first, 1, step, step, allRows);
        return new LinearPart(name, all with { Rows = rows, Columns = columns, View = view }, Bias(path, index, allRows, first, step, rows));
    }

    /// <summary>An expert's biases, where there is a tensor [experts, all rows] of them.</summary>
    private Weight? Bias(string matrix, int index, int allRows, int first, int step, int rows)
    {
        const string suffix = ".weight";
        var path = matrix.EndsWith(suffix, StringComparison.Ordinal) ? matrix.Substring(0, matrix.Length - suffix.Length) + ".bias" : matrix + "_bias";
        if (!_model.HasTensor(path))
            return null;
        var all = _model.VectorOfRows(path, mixture.Experts, allRows);
        return all with { Columns = rows, View = new TensorView(((long)index * allRows) + first, 1, step, step, 1) };
    }
}
