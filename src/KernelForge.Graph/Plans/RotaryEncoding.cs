using KernelForge.Graphs;

namespace KernelForge.Plans;

/// <summary>Rotary tables in the encoding of a plan.</summary>
internal static class RotaryEncoding
{
    public static void Write(PlanWriter writer, RotaryTable table)
    {
        writer.Integer(table.Pairs);
        writer.Real(table.Theta);
        switch (table.Scaling)
        {
            case RotaryScaling.Default:
                writer.Byte(0);
                break;
            case RotaryScaling.Linear linear:
                writer.Byte(1);
                writer.Real(linear.Factor);
                break;
            case RotaryScaling.Dynamic dynamic:
                writer.Byte(2);
                writer.Real(dynamic.Factor);
                writer.Integer(dynamic.OriginalContext);
                break;
            case RotaryScaling.Yarn yarn:
                writer.Byte(3);
                writer.Real(yarn.Factor);
                writer.Integer(yarn.OriginalContext);
                writer.Real(yarn.AttentionFactor);
                writer.Real(yarn.BetaFast);
                writer.Real(yarn.BetaSlow);
                writer.Flag(yarn.Truncate);
                break;
            case RotaryScaling.Llama3 llama:
                writer.Byte(4);
                writer.Real(llama.Factor);
                writer.Real(llama.LowFrequencyFactor);
                writer.Real(llama.HighFrequencyFactor);
                writer.Integer(llama.OriginalContext);
                break;
            case RotaryScaling.PerPair pair:
                writer.Byte(5);
                writer.List(pair.ShortFactors, writer.Real);
                writer.List(pair.LongFactors, writer.Real);
                writer.Optional(pair.ShortTensor);
                writer.Optional(pair.LongTensor);
                writer.Integer(pair.OriginalContext);
                writer.Real(pair.AttentionFactor);
                break;
            default:
                throw new NotSupportedException($"A rotary scaling of the kind {table.Scaling.GetType().Name} has no encoding.");
        }
    }

    public static RotaryTable Read(PlanReader reader) => new(reader.Int32(), reader.Real(), ReadScaling(reader));

    private static RotaryScaling ReadScaling(PlanReader reader) => reader.Byte() switch
    {
        0 => new RotaryScaling.Default(),
        1 => new RotaryScaling.Linear(reader.Real()),
        2 => new RotaryScaling.Dynamic(reader.Real(), reader.Int32()),
        3 => new RotaryScaling.Yarn(reader.Real(), reader.Int32(), reader.Real(), reader.Real(), reader.Real(), reader.Flag()),
        4 => new RotaryScaling.Llama3(reader.Real(), reader.Real(), reader.Real(), reader.Int32()),
        5 => new RotaryScaling.PerPair(
            reader.List(reader.Real), reader.List(reader.Real), reader.Optional(), reader.Optional(), reader.Int32(), reader.Real()),
        _ => throw reader.Damaged("there is no such rotary scaling"),
    };
}
