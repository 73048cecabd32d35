using System.Text;
using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>A matrix with the bias that the weights have beside it.</summary>
/// <param name="Rows">Values that it gives.</param>
/// <param name="Tensor">Its name, without <c>.weight</c>; in a layer what follows the layer's number.</param>
public sealed record LinearOfPart(int Rows, string Tensor) : Part
{
    internal override int Build(DeclarationBuilder builder, int x) => builder.RequireSize(Rows, 1, 1 << 24, "rows")
        ? builder.Linear(NameOf(Tensor), x, Tensor, Rows, builder.Graph.WidthOf(x))
        : x;

    internal override void Print(CallPrinter printer) => printer.Begin("Linear").Argument("rows", Rows).Argument("tensor", Tensor).End();

    // pooler.dense becomes PoolerDense: nodes have names that are words.
    private static string NameOf(string tensor)
    {
        var name = new StringBuilder();
        foreach (var word in tensor.Split(['.', '_', '-', '/'], StringSplitOptions.RemoveEmptyEntries))
            name.Append(char.ToUpperInvariant(word[0])).Append(word, 1, word.Length - 1);
        return name.Length == 0 ? "Linear" : name.ToString();
    }
}

/// <summary>An activation, value by value.</summary>
/// <param name="Activation">Which.</param>
public sealed record ActivatePart(Activation Activation) : Part
{
    internal override int Build(DeclarationBuilder builder, int x) =>
        builder.RequireMember(Activation, "activation") ? builder.Graph.Activate("Activated", x, Activation) : x;

    internal override void Print(CallPrinter printer) => printer.Begin("Activate").Member("activation", Activation).End();
}

/// <summary>The first token's row only.</summary>
public sealed record FirstTokenPart : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (builder.StoredLayer >= 0)
            builder.Model.Error(DeclarationCodes.PartMisplaced, "The first token's row stands for the whole text after all layers, not within one.", null);
        else if (builder.IsInBranch || !builder.Declaration.IsEncoder)
            builder.Model.Error(DeclarationCodes.PartMisplaced, "The first token's row is no row of each token: take it of an encoder's state, not in a branch or a decoder.", null);
        builder.RequireTokens(x);
        return builder.Graph.FirstToken("FirstToken", x);
    }

    internal override void Print(CallPrinter printer) => printer.Begin("FirstToken").End();
}
