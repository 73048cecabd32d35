using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>A norm of each token's row. What it is called follows from where it stands.</summary>
/// <param name="Kind">Which moments.</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="IsScaled">Whether the weights have a scale for it.</param>
/// <param name="Offset">Added to the stored scale.</param>
/// <param name="Factor">Of scale and shift.</param>
/// <param name="Tensor">Its tensor; null: as the scheme calls it.</param>
public sealed record NormPart(NormKind Kind, float Epsilon, bool IsScaled = true, float Offset = 0, float Factor = 1, string? Tensor = null) : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        builder.RequireNumber(Epsilon, 0, 1, "epsilon");
        builder.RequireNumber(Offset, -1e6, 1e6, "offset");
        builder.RequireNumber(Factor, 1e-9, 1e9, "factor");
        return builder.Graph.Norm(builder.NormName, x, Of(builder, Tensor ?? builder.Names.Norm(builder.NormName), builder.Graph.WidthOf(x)));
    }

    internal override void Print(CallPrinter printer) => printer.Begin(Kind == NormKind.Rms ? "RmsNorm" : "LayerNorm")
        .Argument("epsilon", Epsilon).Argument("scaled", IsScaled, true).Argument("offset", Offset, 0).Argument("factor", Factor, 1).Argument("tensor", Tensor).End();

    private Norm Of(DeclarationBuilder builder, string tensor, int width)
    {
        if (!IsScaled)
            return new Norm(Kind, null, null, Epsilon);
        var path = builder.Path(tensor);
        var scale = builder.Model.Vector(path + ".weight", width) with { Offset = Offset, Factor = Factor };
        var shift = Kind == NormKind.Layer ? builder.Model.OptionalVector(path + ".bias", width) : null;
        return new Norm(Kind, scale, shift is null ? null : shift with { Factor = Factor }, Epsilon);
    }
}
