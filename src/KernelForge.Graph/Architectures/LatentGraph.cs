using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Builds the nodes of a decoder's multi-head latent attention.</summary>
internal sealed class LatentGraph(ModelReader model, GraphBuilder graph, Latent latent, DecoderTensors names, DecoderConfig config, bool isAdjacent)
{
    private readonly int _layer = graph.Layer;

    /// <summary>What attention gives, before the matrix that leads back to the stream.</summary>
    public int Build(int x)
    {
        var (heads, rank) = (config.Heads, latent.Rank);
        // All that reads the stream comes first, so that workers wait once for all of it.
        var fromStream = QueriesOrLatent(x);
        var down = Down("LatentDown", x, 0, rank);
        var rotated = Down("RotatedKey", x, rank, latent.Rotated);
        var stored = Norm("Latent", down, names.LatentNorm, rank);
        var queries = latent.QueryRank == 0 ? fromStream : Linear("Query", Norm("QueryLatent", fromStream, names.QueryLatentNorm, latent.QueryRank), names.QueryUp, QueryRows, latent.QueryRank);
        var (keys, values) = Up();
        return graph.LatentAttention(id => new LatentAttentionNode(
            id, "Attention", _layer, heads * latent.Value, EquatableArray.Create(queries, stored, rotated), heads, latent.Plain, latent.Rotated, latent.Value,
            keys, values, (float)(latent.Amplitude / Math.Sqrt(latent.Plain + latent.Rotated)), 0, isAdjacent));
    }

    private int QueryRows => config.Heads * (latent.Plain + latent.Rotated);

    private int QueriesOrLatent(int x) => latent.QueryRank == 0
        ? Linear("Query", x, names.Query, QueryRows, config.Width)
        : Linear("QueryDown", x, names.QueryDown, latent.QueryRank, config.Width);

    private int Linear(string name, int x, string tensor, int rows, int columns) => graph.Linear(
        name, x, new LinearPart(name, model.Matrix(Path(tensor) + ".weight", rows, columns), model.OptionalVector(Path(tensor) + ".bias", rows)));

    private int Down(string name, int x, int first, int rows)
    {
        var (path, all) = (Path(names.LatentDown), latent.Rank + latent.Rotated);
        var bias = model.OptionalVector(path + ".bias", all);
        return graph.Linear(
            name, x, new LinearPart(name, model.RowsOf(path + ".weight", all, config.Width, first, rows), bias is null ? null : model.Part(bias, first, rows)));
    }

    // Whatever a folder calls epsilon, its norms of latents have this one.
    private int Norm(string name, int x, string tensor, int width) => graph.Norm(
        name, x, new Norm(NormKind.Rms, model.Vector(Path(tensor) + ".weight", width), null, model.IsFolder ? 1e-6f : config.Epsilon));

    private (LinearPart Keys, LinearPart Values) Up()
    {
        var (heads, rank, plain, value) = (config.Heads, latent.Rank, latent.Plain, latent.Value);
        var path = Path(names.LatentUp) + ".weight";
        if (model.HasTensor(path) || !model.HasTensor(Path(names.LatentKeys) + ".weight"))
        {
            var all = model.Matrix(path, heads * (plain + value), rank);
            LinearPart Part(string name, int first, int rows) =>
                new(name, all with { Rows = heads * rows, View = new TensorView((long)first * rank, rows, (long)(plain + value) * rank, rank, 1) }, null);
            return (Part("Keys", 0, plain), Part("Values", plain, value));
        }

        var keys = model.TransposedExperts(Path(names.LatentKeys) + ".weight", heads, plain, rank);
        var values = model.Experts(Path(names.LatentValues) + ".weight", heads, value, rank);
        return (
            new LinearPart("Keys", keys with { Rows = heads * plain, Columns = rank, View = new TensorView(0, plain, (long)rank * plain, 1, plain) }, null),
            new LinearPart("Values", values, null));
    }

    private string Path(string tensor) => names.InLayer(_layer, tensor);
}
