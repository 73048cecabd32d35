using KernelForge.Architectures;

namespace KernelForge.Language;

/// <summary>Multi-head latent attention (DeepSeek-AI, 2024), and the matrix that leads back to the stream.</summary>
/// <param name="Heads">Heads.</param>
/// <param name="Rank">Values of the latent of keys and values.</param>
/// <param name="Plain">Values of a query and a key head that are not rotated.</param>
/// <param name="Rotated">Values that are.</param>
/// <param name="Value">Values of a value head.</param>
/// <param name="Rope">Rotary positions.</param>
/// <param name="Epsilon">Of the norms of latents.</param>
public sealed record LatentAttentionPart(int Heads, int Rank, int Plain, int Rotated, int Value, Rope Rope, float Epsilon) : Part, IMixesTokens
{
    /// <summary>Values of the queries' latent; null: queries are made from the stream.</summary>
    public int? QueryRank { get; init; }

    /// <summary>Factor of the scores; null: 1 / sqrt(plain + rotated).</summary>
    public float? Scale { get; init; }

    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!Check(builder))
            return x;
        var attended = new LatentGraph(builder, this).Build(x);
        return builder.Linear("AttentionOutput", attended, builder.Names.AttentionOutput, builder.Width, Heads * Value);
    }

    internal override void Print(CallPrinter printer) => printer.Begin("LatentAttention")
        .Argument("heads", Heads).Argument("rank", Rank).Argument("plainSize", Plain).Argument("rotatedSize", Rotated).Argument("valueSize", Value).Rope("rope", Rope)
        .Argument("epsilon", Epsilon).Argument("queryRank", QueryRank).Argument("scale", Scale).End();

    private bool Check(DeclarationBuilder builder)
    {
        var sound = builder.RequireSize(Heads, 1, 4096, "heads") && builder.RequireSize(Rank, 1, 1 << 18, "rank") && builder.RequireSize(Plain, 1, 1024, "plainSize")
            && builder.RequireSize(Rotated, 2, 1024, "rotatedSize") && builder.RequireSize(Value, 1, 1024, "valueSize") && builder.RequireSize(QueryRank ?? 1, 1, 1 << 18, "queryRank")
            && builder.Require(Rotated % 2 == 0, DeclarationCodes.RotaryOdd, "rotatedSize", $"{Rotated} values of a head are rotated; they are rotated in pairs, so the number must be even.")
            && builder.RequireNumber(Epsilon, 0, 1, "epsilon") && (Scale is not { } scale || builder.RequireNumber(scale, 1e-9, 1e9, "scale"));
        if (!sound)
            return false;
        builder.Require(Rope.Rotated is null || Rope.Rotated == Rotated, DeclarationCodes.RotaryTooLong, "rope", $"The rotation is of {Rope.Rotated} values and rotatedSize is {Rotated}. Leave it out of the rotation.");
        RopeCheck.Run(builder, Rope, Rotated);
        return !builder.Model.Failed && builder.MixTokens();
    }
}
