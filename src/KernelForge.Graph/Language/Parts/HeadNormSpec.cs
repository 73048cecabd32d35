using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>Norms of queries and keys.</summary>
/// <param name="Kind">Which moments.</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="Scope">Over which values, with which scales.</param>
/// <param name="IsScaled">Whether the weights have scales for them.</param>
/// <param name="IsAfterRope">They follow the rotation; otherwise they precede it.</param>
/// <param name="Offset">Added to the stored scales.</param>
public sealed record HeadNormSpec(NormKind Kind, float Epsilon, HeadNormScope Scope = HeadNormScope.Shared, bool IsScaled = true, bool IsAfterRope = false, float Offset = 0)
{
    internal HeadNorms Build(DeclarationBuilder builder, int heads, int keyValueHeads, int size) =>
        Build(builder, (builder.Names.QueryNorm, heads), (builder.Names.KeyNorm, keyValueHeads), size);

    internal HeadNorms Build(DeclarationBuilder builder, (string Tensor, int Heads) query, (string Tensor, int Heads) key, int size)
    {
        builder.RequireNumber(Epsilon, 0, 1, "headNorms");
        builder.RequireNumber(Offset, -1e6, 1e6, "headNorms");
        builder.RequireMember(Scope, "headNorms");
        return new HeadNorms(Of(builder, query.Tensor, query.Heads, size), Of(builder, key.Tensor, key.Heads, size), Scope == HeadNormScope.Whole, IsAfterRope);
    }

    internal void Print(CallPrinter printer) => printer.New("HeadNorms." + (Kind == NormKind.Rms ? "Rms" : "Layer")).Argument("epsilon", Epsilon)
        .Member("scope", Scope, HeadNormScope.Shared).Argument("scaled", IsScaled, true).Argument("afterRope", IsAfterRope, false).Argument("offset", Offset, 0).Close();

    private Norm Of(DeclarationBuilder builder, string tensor, int heads, int size)
    {
        if (!IsScaled)
            return new Norm(Kind, null, null, Epsilon);
        var (model, path) = (builder.Model, builder.Path(tensor));
        if (Scope == HeadNormScope.PerHead)
            return new Norm(Kind, model.VectorOfRows(path + ".weight", heads, size) with { Offset = Offset }, null, Epsilon);
        var length = Scope == HeadNormScope.Whole ? heads * size : size;
        var scale = model.Vector(path + ".weight", length) with { Offset = Offset };
        return new Norm(Kind, scale, Kind == NormKind.Layer ? model.OptionalVector(path + ".bias", length) : null, Epsilon);
    }
}

/// <summary>Over which values norms of queries and keys are.</summary>
public enum HeadNormScope
{
    /// <summary>Each head for itself, all with the same scales.</summary>
    Shared,

    /// <summary>Each head for itself, with scales of its own.</summary>
    PerHead,

    /// <summary>All heads together.</summary>
    Whole,
}
