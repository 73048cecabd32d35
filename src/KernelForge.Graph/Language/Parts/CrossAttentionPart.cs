using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>Attention of every token to all rows that a caller gives, and the matrices before and after it.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads.</param>
/// <param name="HeadSize">Values of a head; null: width / heads.</param>
/// <param name="HeadNorms">Norms of queries and keys, or null.</param>
public sealed record CrossAttentionPart(int Heads, int KeyValueHeads, int? HeadSize, HeadNormSpec? HeadNorms = null) : Part, IMixesTokens
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!AttentionPart.CheckHeads(builder, Heads, KeyValueHeads, HeadSize))
            return x;
        if (builder.Declaration.States is not { } states)
        {
            builder.Model.Error(DeclarationCodes.StatesMissing, "There are no rows to attend to. Name what a caller gives: Graph.Decoder(..., states: States.Rows(...)).", null);
            return x;
        }

        if (!builder.MixTokens())
            return x;
        var (graph, names, size, layer) = (builder.Graph, builder.Names, HeadSize ?? builder.Width / Heads, builder.Graph.Layer);
        LinearPart Part(string name, string tensor) => builder.Part(name, tensor, KeyValueHeads * size, states.Width);
        var query = builder.Linear("CrossQuery", x, names.CrossQuery, Heads * size, graph.WidthOf(x));
        var attended = graph.CrossAttention(id => new CrossAttentionNode(
            id, "CrossAttention", layer, Heads * size, EquatableArray.Create(query, builder.States), Part("CrossKey", names.CrossKey), Part("CrossValue", names.CrossValue),
            Heads, KeyValueHeads, size, (float)(1 / Math.Sqrt(size)), HeadNorms?.Build(builder, (names.CrossQueryNorm, Heads), (names.CrossKeyNorm, KeyValueHeads), size)));
        return builder.Linear("AttentionOutput", attended, names.CrossOutput, builder.Width, Heads * size);
    }

    internal override void Print(CallPrinter printer) => printer.Begin("CrossAttention")
        .Argument("heads", Heads).Argument("keyValueHeads", KeyValueHeads, Heads).Argument("headSize", HeadSize).Call("headNorms", HeadNorms is { } norms ? norms.Print : null).End();
}
