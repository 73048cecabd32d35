using System.Globalization;
using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Builds the nodes of a decoder's mixture of experts.</summary>
internal sealed class MixtureGraph(ModelReader model, GraphBuilder graph, Mixture mixture, DecoderTensors names, int width, Activation activation)
{
    /// <summary>What the experts, and what every token passes through, give together.</summary>
    public int Build(int x)
    {
        string Path(string tensor) => names.InLayer(graph.Layer, tensor);
        var router = new LinearPart(
            "Router", model.Matrix(Path(names.Router) + ".weight", mixture.Count, width), model.OptionalVector(Path(names.Router) + ".bias", mixture.Count));
        var logits = graph.Linear("Router", x, router);
        var correction = Path(names.Correction);
        var routing = mixture.Routing with { Correction = model.HasTensor(correction) ? model.VectorOfRows(correction, 1, mixture.Count) : null };
        var experts = Enumerable.Range(0, mixture.Count).Select(Expert).ToEquatableArray();
        var mixed = graph.Mixture("Mixture", x, logits, routing, experts, activation, mixture.Clamp);
        return mixture.SharedHidden == 0 ? mixed : graph.Add("MixtureWithShared", mixed, Shared(x, Path));
    }

    private int Shared(int x, Func<string, string> path)
    {
        int Linear(string name, int input, string tensor, int rows, int columns) =>
            graph.Linear(name, input, new LinearPart(name, model.Matrix(path(tensor) + ".weight", rows, columns), model.OptionalVector(path(tensor) + ".bias", rows)));
        var hidden = mixture.SharedHidden;
        var (gate, up) = (Linear("SharedGate", x, names.SharedGate, hidden, width), Linear("SharedUp", x, names.SharedUp, hidden, width));
        var shared = Linear("SharedDown", graph.Gate("SharedUnit", gate, up, activation), names.SharedDown, width, hidden);
        var weight = path(names.SharedRouter) + ".weight";
        if (!model.HasTensor(weight))
            return shared;
        // GGUF has the row as a vector.
        var row = model.RowsOf(weight) == 1 ? model.Matrix(weight, 1, width) : model.Vector(weight, width) with { Rows = 1, Columns = width };
        return graph.RowGate("SharedGated", shared, graph.Linear("SharedRouter", x, new LinearPart("SharedRouter", row, null)));
    }

    private Expert Expert(int index)
    {
        var hidden = mixture.Hidden;
        // First row and step of the gate and of up in a matrix that holds both.
        var (up, step) = mixture.Form is ExpertForm.Alternating or ExpertForm.TransposedAlternating ? (1, 2) : (hidden, 1);
        return mixture.Form switch
        {
            ExpertForm.Separate => new Expert(
                Part("Gate", names.ExpertGate, index, hidden, 0, 1, hidden, width), Part("Up", names.ExpertUp, index, hidden, 0, 1, hidden, width),
                Part("Down", names.ExpertDown, index, width, 0, 1, width, hidden)),
            ExpertForm.GateThenUp or ExpertForm.Alternating => new Expert(
                Part("Gate", names.ExpertGate, index, 2 * hidden, 0, step, hidden, width), Part("Up", names.ExpertGate, index, 2 * hidden, up, step, hidden, width),
                Part("Down", names.ExpertDown, index, width, 0, 1, width, hidden)),
            _ => new Expert(
                Transposed("Gate", names.ExpertGate, index, 2 * hidden, 0, step, hidden, width), Transposed("Up", names.ExpertGate, index, 2 * hidden, up, step, hidden, width),
                Transposed("Down", names.ExpertDown, index, width, 0, 1, width, hidden)),
        };
    }

    /// <summary>Every <paramref name="step"/>th row of an expert's matrix of <paramref name="allRows"/>, which has a tensor of its own or lies in one with those of the others.</summary>
    private LinearPart Part(string name, string tensor, int index, int allRows, int first, int step, int rows, int columns)
    {
        var path = names.InLayer(graph.Layer, tensor);
        if (!path.Contains("{0}"))
        {
            var all = model.Experts(path, mixture.Count, allRows, columns);
            var stride = (long)step * columns;
            var view = new TensorView((((long)index * allRows) + first) * columns, 1, stride, stride, 1);
            return new LinearPart(name, all with { Rows = rows, View = view }, Bias(path, index, allRows, first, step, rows));
        }

        path = string.Format(CultureInfo.InvariantCulture, path, index);
        var matrix = allRows == rows ? model.Matrix(path, rows, columns) : model.RowsOf(path, allRows, columns, first, rows);
        return new LinearPart(name, matrix, null);
    }

    /// <summary>Every <paramref name="step"/>th row of an expert's matrix that is stored transposed, in one tensor with those of the others.</summary>
    private LinearPart Transposed(string name, string tensor, int index, int allRows, int first, int step, int rows, int columns)
    {
        var path = names.InLayer(graph.Layer, tensor);
        var all = model.TransposedExperts(path, mixture.Count, allRows, columns);
        var view = new TensorView(((long)index * columns * allRows) + first, 1, step, step, allRows);
        return new LinearPart(name, all with { Rows = rows, Columns = columns, View = view }, Bias(path, index, allRows, first, step, rows));
    }

    /// <summary>An expert's biases, where there is a tensor [experts, all rows] of them.</summary>
    private Weight? Bias(string matrix, int index, int allRows, int first, int step, int rows)
    {
        const string suffix = ".weight";
        var path = matrix.EndsWith(suffix, StringComparison.Ordinal) ? matrix.Substring(0, matrix.Length - suffix.Length) + ".bias" : matrix + "_bias";
        if (!model.HasTensor(path))
            return null;
        var all = model.VectorOfRows(path, mixture.Count, allRows);
        return all with { Columns = rows, View = new TensorView(((long)index * allRows) + first, 1, step, step, 1) };
    }
}
