using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>Grouped-query attention: queries, keys and values, the attention itself, and the matrix that leads back to the stream.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; null: as many.</param>
/// <param name="HeadSize">Values of a head; null: width / heads.</param>
/// <param name="Rope">Rotary positions, or null.</param>
public sealed record AttentionPart(int Heads, int? KeyValueHeads, int? HeadSize, Rope? Rope) : Part, IMixesTokens
{
    // Of all heads together; more than any model has.
    private const int MostValues = 1 << 20;

    /// <summary>A token sees so many tokens, itself included; null: all before it.</summary>
    public int? Window { get; init; }

    /// <summary>A token sees those of its own chunk of so many tokens; null: all before it.</summary>
    public int? Chunk { get; init; }

    /// <summary>Factor of the scores; null: 1 / sqrt(head size).</summary>
    public float? Scale { get; init; }

    /// <summary>Bound of the scores; null: none.</summary>
    public float? Softcap { get; init; }

    /// <summary>Norms of queries and keys, or null.</summary>
    public HeadNormSpec? HeadNorms { get; init; }

    /// <summary>Every head has a sink in its softmax.</summary>
    public bool HasSinks { get; init; }

    /// <summary>Of the queries, or null.</summary>
    public QueryTemperature? Temperature { get; init; }

    /// <summary>A token sees those after it too.</summary>
    public bool IsBidirectional { get; init; }

    /// <summary>A fused matrix holds query, key and value of one head after another.</summary>
    public bool IsFusedByHead { get; init; }

    /// <summary>Values of a head, as far as they are known.</summary>
    internal int SizeOfHead(int width) => HeadSize ?? (Heads > 0 ? width / Heads : 0);

    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!Check(builder))
            return x;
        var (graph, size, keyValueHeads) = (builder.Graph, SizeOfHead(builder.Width), KeyValueHeads ?? Heads);
        var (query, key, value) = QueryKeyValue(builder, x, Heads * size, keyValueHeads * size, size);
        var layer = graph.Layer;
        var rotary = builder.Rotary(Rope, size);
        int Seen(int? tokens) => tokens is { } limit && limit < builder.Declaration.Context ? limit : 0;
        var attended = graph.Attention(id => new AttentionNode(
            id, "Attention", layer, Heads * size, EquatableArray.Create(query, key, value), Heads, keyValueHeads, size, Scale ?? (float)(1 / Math.Sqrt(size)),
            Seen(Window), rotary, Rope?.AreNeighbours ?? false, HeadNorms?.Build(builder, Heads, keyValueHeads, size), Softcap ?? 0,
            HasSinks ? builder.Model.Vector(builder.Path(builder.Names.Sinks), Heads) : null, Seen(Chunk), Temperature, IsBidirectional));
        return builder.Linear("AttentionOutput", attended, builder.Names.AttentionOutput, builder.Width, Heads * size);
    }

    internal override void Print(CallPrinter printer) => printer.Begin("Attention")
        .Argument("heads", Heads).Argument("keyValueHeads", KeyValueHeads == Heads ? null : KeyValueHeads).Argument("headSize", HeadSize).Rope("rope", Rope)
        .Argument("window", Window).Argument("chunk", Chunk).Argument("scale", Scale).Argument("softcap", Softcap).Call("headNorms", HeadNorms is { } norms ? norms.Print : null)
        .Argument("sinks", HasSinks, false)
        .Call("temperature", Temperature is { } temperature ? inner => inner.New("new QueryTemperature").Argument("scale", temperature.Scale).Argument("floor", temperature.Floor).Close() : null)
        .Argument("bidirectional", IsBidirectional, false).Argument("fusedByHead", IsFusedByHead, false).End();

    internal static bool CheckHeads(DeclarationBuilder builder, int heads, int keyValueHeads, int? headSize) =>
        builder.RequireSize(heads, 1, 4096, "heads") && builder.RequireSize(keyValueHeads, 1, 4096, "keyValueHeads")
        && builder.Require(heads % keyValueHeads == 0, DeclarationCodes.HeadsDivide, "keyValueHeads", $"{keyValueHeads} key-value heads do not divide {heads} heads: every key serves as many queries.")
        && builder.Require(headSize is not null || builder.Width % heads == 0, DeclarationCodes.HeadSizeUnknown, "heads", $"The width {builder.Width} is no multiple of {heads} heads, so how long a head is cannot be known. Say headSize.")
        && builder.RequireSize(headSize ?? builder.Width / heads, 2, MostValues / heads, headSize is null ? "heads" : "headSize");

    private bool Check(DeclarationBuilder builder)
    {
        if (!CheckHeads(builder, Heads, KeyValueHeads ?? Heads, HeadSize))
            return false;
        builder.Require(Window is null or >= 1, DeclarationCodes.WindowRange, "window", $"The window is {Window}; a token sees at least itself. Leave it out where a token sees all before it.");
        builder.Require(Chunk is null or >= 1, DeclarationCodes.WindowRange, "chunk", $"The chunk is {Chunk}; it has at least one token. Leave it out where a token sees all before it.");
        builder.Require(Window is null || Chunk is null, DeclarationCodes.WindowAndChunk, "chunk", "A layer has a window or chunks, not both.");
        builder.Require(!IsFusedByHead || (KeyValueHeads ?? Heads) == Heads, DeclarationCodes.HeadsDivide, "fusedByHead", "A matrix fused head by head has as many keys and values as queries.");
        if (Scale is { } scale)
            builder.RequireNumber(scale, 1e-9, 1e9, "scale");
        if (Softcap is { } softcap)
            builder.RequireNumber(softcap, 1e-6, 1e6, "softcap");
        if (Temperature is { } temperature)
            builder.Require(temperature.Scale is >= 0 and <= 1e6 && temperature.Floor is >= 1e-3 and <= 1e9, DeclarationCodes.NumberRange, "temperature", "A temperature needs a scale between 0 and 1e6 and a floor between 0.001 and 1e9.");
        RopeCheck.Run(builder, Rope, SizeOfHead(builder.Width));
        return !builder.Model.Failed && builder.MixTokens();
    }

    private (int Query, int Key, int Value) QueryKeyValue(DeclarationBuilder builder, int x, int queries, int keys, int size)
    {
        var names = builder.Names;
        var width = builder.Graph.WidthOf(x);
        if (!builder.Model.HasTensor(builder.Path(names.QueryKeyValue) + ".weight"))
            return (builder.Linear("Query", x, names.Query, queries, width), builder.Linear("Key", x, names.Key, keys, width), builder.Linear("Value", x, names.Value, keys, width));
        if (IsFusedByHead)
            return (ByHead(builder, "Query", x, 0, queries, size), ByHead(builder, "Key", x, 1, keys, size), ByHead(builder, "Value", x, 2, keys, size));
        var all = queries + (2 * keys);
        int Rows(string name, int first, int rows) => builder.Rows(name, x, names.QueryKeyValue, all, first, rows);
        return (Rows("Query", 0, queries), Rows("Key", queries, keys), Rows("Value", queries + keys, keys));
    }

    private static int ByHead(DeclarationBuilder builder, string name, int x, int index, int rows, int size)
    {
        var (model, width, path) = (builder.Model, builder.Graph.WidthOf(x), builder.Path(builder.Names.QueryKeyValue));
        var matrix = model.RowsOf(path + ".weight", 3 * rows, width, 0, rows) with { View = new TensorView((long)index * size * width, size, 3L * size * width, width, 1) };
        var bias = model.OptionalVector(path + ".bias", 3 * rows);
        var shift = bias is null ? null : bias with { Columns = rows, View = new TensorView((long)index * size, size, 3L * size, 1, 1) };
        return builder.Graph.Linear(name, x, new LinearPart(name, matrix, shift));
    }
}
