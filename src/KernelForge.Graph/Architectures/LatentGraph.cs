using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>Builds the nodes of a multi-head latent attention.</summary>
internal sealed class LatentGraph(DeclarationBuilder builder, LatentAttentionPart latent)
{
    private readonly ModelReader _model = builder.Model;
    private readonly GraphBuilder _graph = builder.Graph;
    private readonly DecoderTensors _names = builder.Names;

    /// <summary>What attention gives, before the matrix that leads back to the stream.</summary>
    public int Build(int x)
    {
        var (layer, heads, rank) = (_graph.Layer, latent.Heads, latent.Rank);
        var rotary = builder.Rotary(latent.Rope, latent.Rotated);
        // All that reads the stream comes first, so that workers wait once for all of it.
        var fromStream = QueriesOrLatent(x);
        var down = Down("LatentDown", x, 0, rank);
        var rotated = Down("RotatedKey", x, rank, latent.Rotated);
        var stored = Norm("Latent", down, _names.LatentNorm, rank);
        var queries = latent.QueryRank is { } of ? builder.Linear("Query", Norm("QueryLatent", fromStream, _names.QueryLatentNorm, of), _names.QueryUp, QueryRows, of) : fromStream;
        var (keys, values) = Up();
        return _graph.LatentAttention(id => new LatentAttentionNode(
            id, "Attention", layer, heads * latent.Value, EquatableArray.Create(queries, stored, rotated), heads, latent.Plain, latent.Rotated, latent.Value,
            keys, values, latent.Scale ?? (float)(1 / Math.Sqrt(latent.Plain + latent.Rotated)), rotary, latent.Rope.AreNeighbours));
    }

    private int QueryRows => latent.Heads * (latent.Plain + latent.Rotated);

    private int QueriesOrLatent(int x) => latent.QueryRank is { } rank
        ? builder.Linear("QueryDown", x, _names.QueryDown, rank, _graph.WidthOf(x))
        : builder.Linear("Query", x, _names.Query, QueryRows, _graph.WidthOf(x));

    private int Down(string name, int x, int first, int rows) => builder.Rows(name, x, _names.LatentDown, latent.Rank + latent.Rotated, first, rows);

    private int Norm(string name, int x, string tensor, int width) => _graph.Norm(
        name, x, new Norm(NormKind.Rms, _model.Vector(builder.Path(tensor) + ".weight", width), null, latent.Epsilon));

    private (LinearPart Keys, LinearPart Values) Up()
    {
        var (heads, rank, plain, value) = (latent.Heads, latent.Rank, latent.Plain, latent.Value);
        var path = builder.Path(_names.LatentUp) + ".weight";
        if (_model.HasTensor(path) || !_model.HasTensor(builder.Path(_names.LatentKeys) + ".weight"))
        {
            var all = _model.Matrix(path, heads * (plain + value), rank);
            LinearPart Part(string name, int first, int rows) =>
                new(name, all with { Rows = heads * rows, View = new TensorView((long)first * rank, rows, (long)(plain + value) * rank, rank, 1) }, null);
            return (Part("Keys", 0, plain), Part("Values", plain, value));
        }

        var keys = _model.TransposedExperts(builder.Path(_names.LatentKeys) + ".weight", heads, plain, rank);
        var values = _model.Experts(builder.Path(_names.LatentValues) + ".weight", heads, value, rank);
        return (
            new LinearPart("Keys", keys with { Rows = heads * plain, Columns = rank, View = new TensorView(0, plain, (long)rank * plain, 1, plain) }, null),
            new LinearPart("Values", values, null));
    }
}
