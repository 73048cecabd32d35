namespace KernelForge.Language;

/// <summary>Adds a learned row for the token's position, from a table [first + context, width].</summary>
/// <param name="First">Row of the first position; those before it are not in use (RoBERTa).</param>
public sealed record PositionsPart(int First = 0) : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!builder.RequireSize(First, 0, 1 << 24, "first") || !builder.RequireTokens(x))
            return x;
        var (model, name, context) = (builder.Model, builder.Names.Positions + ".weight", builder.Declaration.Context);
        var rows = model.RowsOf(name);
        builder.Require(
            rows == 0 || rows >= (long)First + context, DeclarationCodes.ContextBeyond, "context",
            $"The context is {context} tokens, and the weights have positions ({name}) for {Math.Max(0, rows - First)}.");
        if (model.Failed)
            return x;
        // A shorter context needs the first rows only.
        var all = (int)Math.Min(Math.Max(rows, First + context), int.MaxValue);
        var table = First == 0 ? model.Matrix(name, all, builder.Width) : model.RowsOf(name, all, builder.Width, First, context);
        return builder.Graph.Add("EmbeddingWithPosition", x, builder.Graph.Position("Position", table));
    }

    internal override void Print(CallPrinter printer) => printer.Begin("Positions").Argument("first", First, 0).End();
}

/// <summary>Adds a learned row for the token's type.</summary>
/// <param name="Types">Number of types.</param>
public sealed record TokenTypesPart(int Types) : Part
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!builder.RequireSize(Types, 1, 1 << 16, "types") || !builder.RequireTokens(x))
            return x;
        var table = builder.Model.Matrix(builder.Names.TokenTypes + ".weight", Types, builder.Width);
        return builder.Graph.Add("EmbeddingWithType", x, builder.Graph.TokenType("TokenType", table));
    }

    internal override void Print(CallPrinter printer) => printer.Begin("TokenTypes").Argument("types", Types).End();
}
