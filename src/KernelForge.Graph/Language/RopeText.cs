using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>The call that makes rotary positions.</summary>
internal static class RopeText
{
    public static void Print(CallPrinter printer, Rope rope)
    {
        var (method, print) = Scaling(rope.Scaling);
        printer.New("Rope." + method).Argument("theta", rope.Theta);
        print(printer);
        if (rope.Rotated is { } rotated)
            printer.Argument("rotated", rotated);
        if (rope.AreNeighbours)
            printer.Add("pairs: RopePairs.Neighbours");
        printer.Close();
    }

    private static (string Method, Action<CallPrinter> Print) Scaling(RotaryScaling scaling) => scaling switch
    {
        RotaryScaling.Linear linear => ("Linear", printer => printer.Argument("factor", linear.Factor)),
        RotaryScaling.Dynamic dynamic => ("Dynamic", printer => printer.Argument("factor", dynamic.Factor).Argument("originalContext", dynamic.OriginalContext)),
        RotaryScaling.Yarn yarn => ("Yarn", printer => printer
            .Argument("factor", yarn.Factor).Argument("originalContext", yarn.OriginalContext).Argument("attentionFactor", yarn.AttentionFactor)
            .Argument("betaFast", yarn.BetaFast, 32).Argument("betaSlow", yarn.BetaSlow, 1).Argument("truncate", yarn.Truncate, true)),
        RotaryScaling.Llama3 llama => ("Llama3", printer => printer
            .Argument("factor", llama.Factor).Argument("originalContext", llama.OriginalContext)
            .Argument("lowFrequencyFactor", llama.LowFrequencyFactor, 1).Argument("highFrequencyFactor", llama.HighFrequencyFactor, 4)),
        RotaryScaling.PerPair { ShortTensor: { } tensor } pair => ("FromTensors", printer => printer
            .Argument("shortTensor", tensor).Argument("longTensor", pair.LongTensor == tensor ? null : pair.LongTensor)
            .Argument("originalContext", pair.OriginalContext).Argument("attentionFactor", pair.AttentionFactor, 1)),
        RotaryScaling.PerPair pair => ("PerPair", printer => printer
            .Argument("shortFactors", pair.ShortFactors).Argument("longFactors", pair.LongFactors)
            .Argument("originalContext", pair.OriginalContext).Argument("attentionFactor", pair.AttentionFactor, 1)),
        _ => ("Default", _ => { }),
    };
}
