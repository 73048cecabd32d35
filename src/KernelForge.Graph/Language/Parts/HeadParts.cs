using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>Logits over the vocabulary: the end of a decoder.</summary>
/// <param name="Tensor">The matrix; null: as the scheme calls it. With <paramref name="IsTied"/> it is the embedding's table.</param>
/// <param name="IsTied">The head reads the embedding's table.</param>
/// <param name="Softcap">Bound of the logits; null: none.</param>
public sealed record HeadPart(bool IsTied, string? Tensor = null, float? Softcap = null) : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        builder.BeginHead();
        if (Softcap is { } bound)
            builder.RequireNumber(bound, 1e-6, 1e6, "softcap");
        var width = builder.Graph.WidthOf(x);
        builder.Require(width == builder.Width, DeclarationCodes.WidthDiffers, "head", $"The head reads rows of {builder.Width} values, and here are {width}.");
        if (builder.Model.Failed)
            return x;
        var (vocabulary, name) = (builder.Declaration.Vocabulary, Tensor ?? builder.Names.Head);
        var matrix = IsTied ? builder.Table : builder.Model.Matrix(name + ".weight", vocabulary, builder.Width);
        x = builder.Graph.Linear("Logits", x, new LinearPart("Logits", matrix, builder.Model.OptionalVector(name + ".bias", vocabulary)));
        return Softcap is { } softcap ? builder.Graph.Softcap("CappedLogits", x, softcap) : x;
    }

    internal override void Print(CallPrinter printer) => printer.Begin(IsTied ? "TiedHead" : "Head").Argument("tensor", Tensor).Argument("softcap", Softcap).End();
}

/// <summary>Names the value as one that leaves an encoder.</summary>
/// <param name="Name">One that <see cref="EncoderOutputs"/> knows.</param>
public sealed record OutputPart(string Name) : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        builder.Output(Name, x);
        return x;
    }

    internal override void Print(CallPrinter printer) => printer.Begin("Output").Argument("name", Name).End();
}
