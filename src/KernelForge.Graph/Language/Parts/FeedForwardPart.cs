using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>A feed-forward: down(activation(gate x) * up x), or down(activation(up x)).</summary>
/// <param name="Hidden">Values between its matrices.</param>
/// <param name="Activation">Of the gate, or of up.</param>
/// <param name="IsGated">Whether it has a gate.</param>
public sealed record FeedForwardPart(int Hidden, Activation Activation = Activation.Silu, bool IsGated = true) : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!(builder.RequireLayer() && builder.RequireSize(Hidden, 1, 1 << 22, "hidden") & builder.RequireMember(Activation, "activation")))
            return x;
        var (names, model, graph, width) = (builder.Names, builder.Model, builder.Graph, builder.Graph.WidthOf(x));
        int Down(int hidden) => builder.Linear("Down", hidden, names.Down, builder.Width, Hidden);
        if (!IsGated)
            return Down(graph.Activate("Activated", builder.Linear("Up", x, names.Up, Hidden, width), Activation));
        var fused = builder.Path(names.GateUp) + ".weight";
        var isFused = model.HasTensor(fused) && (names.GateUp != names.Up || model.RowsOf(fused) == 2L * Hidden);
        var (gate, up) = isFused
            ? (builder.Rows("Gate", x, names.GateUp, 2 * Hidden, 0, Hidden), builder.Rows("Up", x, names.GateUp, 2 * Hidden, Hidden, Hidden))
            : (builder.Linear("Gate", x, names.Gate, Hidden, width), builder.Linear("Up", x, names.Up, Hidden, width));
        return Down(graph.Gate(Activation == Activation.Silu ? "SwiGlu" : "GatedUnit", gate, up, Activation));
    }

    internal override void Print(CallPrinter printer) => printer.Begin("FeedForward")
        .Argument("hidden", Hidden).Member("activation", Activation, Activation.Silu).Argument("gated", IsGated, true).End();
}
