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
        var mixed = graph.Mixture("Mixture", x, logits, routing, experts, activation);
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

    private Expert Expert(int index) => mixture.HasFusedGate
        ? new Expert(
            Part("Gate", names.ExpertGate, index, 2 * mixture.Hidden, 0, mixture.Hidden, width), Part("Up", names.ExpertGate, index, 2 * mixture.Hidden, mixture.Hidden, mixture.Hidden, width),
            Part("Down", names.ExpertDown, index, width, 0, width, mixture.Hidden))
        : new Expert(
            Part("Gate", names.ExpertGate, index, mixture.Hidden, 0, mixture.Hidden, width), Part("Up", names.ExpertUp, index, mixture.Hidden, 0, mixture.Hidden, width),
            Part("Down", names.ExpertDown, index, width, 0, width, mixture.Hidden));

    /// <summary>Some rows of an expert's matrix of <paramref name="allRows"/>, which has a tensor of its own or lies in one with those of the others.</summary>
    private LinearPart Part(string name, string tensor, int index, int allRows, int first, int rows, int columns)
    {
        var path = names.InLayer(graph.Layer, tensor);
        if (!path.Contains("{0}"))
        {
            var all = model.Experts(path, mixture.Count, allRows, columns);
            return new LinearPart(name, all with { Rows = rows, View = TensorView.Rows(((long)index * allRows) + first, columns) }, null);
        }

        path = string.Format(CultureInfo.InvariantCulture, path, index);
        var matrix = allRows == rows ? model.Matrix(path, rows, columns) : model.RowsOf(path, allRows, columns, first, rows);
        return new LinearPart(name, matrix, null);
    }
}
