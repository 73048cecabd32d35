namespace KernelForge.Language;

/// <summary>Adds a learned row for the token's position, from a table [context, width].</summary>
public sealed record PositionsPart : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        var (model, name) = (builder.Model, builder.Names.Positions + ".weight");
        var rows = model.RowsOf(name);
        builder.Require(
            rows == 0 || rows >= builder.Declaration.Context, DeclarationCodes.ContextBeyond, "context",
            $"The context is {builder.Declaration.Context} tokens, and the weights have positions ({name}) for {rows}.");
        if (model.Failed)
            return x;
        // A shorter context needs the first rows only.
        var table = rows > builder.Declaration.Context
            ? model.Matrix(name, (int)Math.Min(rows, int.MaxValue), builder.Width)
            : model.Matrix(name, builder.Declaration.Context, builder.Width);
        return builder.Graph.Add("EmbeddingWithPosition", x, builder.Graph.Position("Position", table));
    }

    internal override void Print(CallPrinter printer) => printer.Begin("Positions").End();
}

/// <summary>Adds a learned row for the token's type.</summary>
/// <param name="Types">Number of types.</param>
public sealed record TokenTypesPart(int Types) : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!builder.RequireSize(Types, 1, 1 << 16, "types"))
            return x;
        var table = builder.Model.Matrix(builder.Names.TokenTypes + ".weight", Types, builder.Width);
        return builder.Graph.Add("EmbeddingWithType", x, builder.Graph.TokenType("TokenType", table));
    }

    internal override void Print(CallPrinter printer) => printer.Begin("TokenTypes").Argument("types", Types).End();
}
