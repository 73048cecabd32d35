using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>What must hold of rotary positions.</summary>
internal static class RopeCheck
{
    public static void Run(DeclarationBuilder builder, Rope? rope, int headSize)
    {
        if (rope is null)
            return;
        var rotated = rope.Rotated ?? headSize;
        builder.Require(
            rotated >= 2 && rotated % 2 == 0, DeclarationCodes.RotaryOdd, "rotated",
            $"{rotated} values of a head are rotated; they are rotated in pairs, so the number must be even and at least 2.");
        builder.Require(rotated <= headSize, DeclarationCodes.RotaryTooLong, "rotated", $"{rotated} values are rotated and a head has {headSize}.");
        builder.RequireNumber(rope.Theta, 1.0001, 1e15, "theta");
        if (Problem(rope.Scaling, rotated / 2) is { } problem)
            builder.Require(holds: false, DeclarationCodes.RotaryScaling, problem.Argument, problem.Message);
        if (rope.Scaling is RotaryScaling.PerPair { ShortTensor: { } shorts } pair)
        {
            builder.Model.Vector(shorts, rotated / 2);
            builder.Model.Vector(pair.LongTensor ?? shorts, rotated / 2);
        }
    }

    private static (string Argument, string Message)? Problem(RotaryScaling scaling, int pairs) => scaling switch
    {
        RotaryScaling.Linear linear => OfFactor(linear.Factor),
        RotaryScaling.Dynamic when pairs < 2 => ("rotated", "Dynamic scaling needs at least two pairs."),
        RotaryScaling.Dynamic dynamic => OfFactor(dynamic.Factor) ?? OfContext(dynamic.OriginalContext),
        RotaryScaling.Yarn yarn => OfFactor(yarn.Factor) ?? OfContext(yarn.OriginalContext) ?? OfRange("attentionFactor", yarn.AttentionFactor)
            ?? OfRange("betaFast", yarn.BetaFast) ?? OfRange("betaSlow", yarn.BetaSlow),
        RotaryScaling.Llama3 llama when !(llama.HighFrequencyFactor > llama.LowFrequencyFactor) =>
            ("highFrequencyFactor", FormattableString.Invariant($"highFrequencyFactor ({llama.HighFrequencyFactor:R}) must be above lowFrequencyFactor ({llama.LowFrequencyFactor:R}).")),
        RotaryScaling.Llama3 llama => OfFactor(llama.Factor) ?? OfContext(llama.OriginalContext) ?? OfRange("lowFrequencyFactor", llama.LowFrequencyFactor)
            ?? OfRange("highFrequencyFactor", llama.HighFrequencyFactor),
        RotaryScaling.PerPair pair => OfPairs(pair, pairs),
        _ => null,
    };

    private static (string Argument, string Message)? OfPairs(RotaryScaling.PerPair pair, int pairs)
    {
        if (pair.ShortTensor is not null)
            return OfContext(pair.OriginalContext) ?? OfRange("attentionFactor", pair.AttentionFactor);
        if (pair.ShortFactors.Count != pairs || pair.LongFactors.Count != pairs)
            return (pair.ShortFactors.Count != pairs ? "shortFactors" : "longFactors", $"{pairs} pairs are rotated, so there must be {pairs} factors; there are {pair.ShortFactors.Count} short and {pair.LongFactors.Count} long ones.");
        return pair.ShortFactors.Concat(pair.LongFactors).All(factor => factor is > 0 and < double.MaxValue)
            ? OfContext(pair.OriginalContext) ?? OfRange("attentionFactor", pair.AttentionFactor)
            : ("shortFactors", "Every factor of a pair must be a finite number above 0.");
    }

    private static (string Argument, string Message)? OfFactor(double factor) => OfRange("factor", factor);

    private static (string Argument, string Message)? OfContext(int context) =>
        context is >= 1 and <= Architectures.RotaryReader.MostContext ? null : ("originalContext", $"originalContext is {context}; it must lie between 1 and {Architectures.RotaryReader.MostContext}.");

    private static (string Argument, string Message)? OfRange(string argument, double value) =>
        value is >= 1e-3 and <= 1e6 ? null : (argument, FormattableString.Invariant($"{argument} is {value:R}; it must lie between 0.001 and 1000000."));
}
