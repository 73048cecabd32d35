using KernelForge.Formats.Weights;
using KernelForge.Graphs;

namespace KernelForge.Formats.Packing;

/// <summary>Computes rotary tables as docs/numerics.md fixes them: in binary64, rounded once.</summary>
public static class RotaryTables
{
    /// <summary>Rows of a table: cosine and sine of each pair, for consecutive positions.</summary>
    /// <param name="table">The table.</param>
    /// <param name="readTensor">Reads a tensor of factors.</param>
    /// <param name="firstPosition">Position of the first row.</param>
    /// <param name="rows">[positions, pairs, 2].</param>
    public static void Fill(RotaryTable table, Func<string, double[]> readTensor, int firstPosition, Span<float> rows)
    {
        var amplitude = table.Scaling switch
        {
            RotaryScaling.Yarn yarn => yarn.AttentionFactor,
            RotaryScaling.PerPair perPair => perPair.AttentionFactor,
            _ => 1,
        };
        var (frequencies, changesAt) = FrequenciesFrom(table, readTensor, firstPosition);
        for (var position = firstPosition; !rows.IsEmpty; position++, rows = rows[(2 * table.Pairs)..])
        {
            if (position == changesAt)
                (frequencies, changesAt) = FrequenciesFrom(table, readTensor, position);
            for (var i = 0; i < table.Pairs; i++)
            {
                var (sine, cosine) = (Math.Sin(position * frequencies[i]), Math.Cos(position * frequencies[i]));
                rows[2 * i] = (float)(cosine * amplitude);
                rows[(2 * i) + 1] = (float)(sine * amplitude);
            }
        }
    }

    /// <summary>Reads a tensor of factors from a model file.</summary>
    /// <exception cref="ModelFormatException">It is missing or not of floats.</exception>
    public static double[] ReadFactors(IWeights weights, string name)
    {
        var tensor = weights.FindWeight(name) ?? throw new ModelFormatException(weights.Path, "a tensor of rotary factors is missing", name);
        if (tensor.Rows != 1 || tensor.RunType is not (WeightType.F32 or WeightType.F16 or WeightType.BF16) || tensor.IsConverted)
            throw new ModelFormatException(weights.Path, "rotary factors must be one row of floats", name);
        var values = new float[tensor.Columns];
        tensor.Decode(0, values);
        foreach (var value in values)
        {
            if (value <= 0)
                throw new ModelFormatException(weights.Path, "a rotary factor is not a positive number", name);
        }
        return Array.ConvertAll(values, value => (double)value);
    }

    // The frequencies at a position, and the next position where they are others.
    private static (double[] Frequencies, int ChangesAt) FrequenciesFrom(RotaryTable table, Func<string, double[]> readTensor, int position)
    {
        switch (table.Scaling)
        {
            case RotaryScaling.Default:
                return (Plain(table, table.Theta), -1);
            case RotaryScaling.Linear linear:
                return (Map(Plain(table, table.Theta), f => f / linear.Factor), -1);
            case RotaryScaling.Dynamic dynamic:
                return (Dynamic(table, dynamic, position), Math.Max(position + 1, dynamic.OriginalContext));
            case RotaryScaling.Llama3 llama3:
                return (Map(Plain(table, table.Theta), f => Llama3(llama3, f)), -1);
            case RotaryScaling.Yarn yarn:
                return (Yarn(table, yarn), -1);
            case RotaryScaling.PerPair perPair:
                return PerPair(table, perPair, readTensor, position);
            default:
                throw new NotSupportedException($"Unknown rotary scaling {table.Scaling.GetType().Name}.");
        }
    }

    private static double[] Plain(RotaryTable table, double theta)
    {
        var frequencies = new double[table.Pairs];
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] = 1 / Math.Pow(theta, 2.0 * i / (2 * table.Pairs));
        return frequencies;
    }

    private static double[] Map(double[] frequencies, Func<double, double> scale) => Array.ConvertAll(frequencies, new Converter<double, double>(scale));

    private static double[] Dynamic(RotaryTable table, RotaryScaling.Dynamic scaling, int position)
    {
        double length = position + 1, original = scaling.OriginalContext, d = 2 * table.Pairs;
        var theta = length > original
            ? table.Theta * Math.Pow((scaling.Factor * length / original) - (scaling.Factor - 1), d / (d - 2))
            : table.Theta;
        return Plain(table, theta);
    }

    private static double Llama3(RotaryScaling.Llama3 scaling, double f)
    {
        double original = scaling.OriginalContext, low = scaling.LowFrequencyFactor, high = scaling.HighFrequencyFactor;
        var wavelength = 2 * Math.PI / f;
        if (wavelength < original / high)
            return f;
        if (wavelength > original / low)
            return f / scaling.Factor;
        var smooth = ((original / wavelength) - low) / (high - low);
        return ((1 - smooth) * (f / scaling.Factor)) + (smooth * f);
    }

    private static double[] Yarn(RotaryTable table, RotaryScaling.Yarn scaling)
    {
        double d = 2 * table.Pairs;
        double Turn(double rotations) => d * Math.Log(scaling.OriginalContext / (rotations * 2 * Math.PI)) / (2 * Math.Log(table.Theta));
        var (low, high) = (Turn(scaling.BetaFast), Turn(scaling.BetaSlow));
        if (scaling.Truncate)
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, d - 1));
        if (low == high)
            high += 0.001;

        var frequencies = Plain(table, table.Theta);
        for (var i = 0; i < frequencies.Length; i++)
        {
            var z = Math.Clamp((i - low) / (high - low), 0, 1);
            frequencies[i] = (frequencies[i] / scaling.Factor * z) + (frequencies[i] * (1 - z));
        }
        return frequencies;
    }

    private static (double[] Frequencies, int ChangesAt) PerPair(
        RotaryTable table, RotaryScaling.PerPair scaling, Func<string, double[]> readTensor, int position)
    {
        var hasLong = scaling.LongTensor is not null || scaling.LongFactors.Count > 0;
        var useLong = hasLong && position >= scaling.OriginalContext;
        var (tensor, listed) = useLong ? (scaling.LongTensor, scaling.LongFactors) : (scaling.ShortTensor, scaling.ShortFactors);
        var factors = tensor is null ? listed.ToArray() : readTensor(tensor);
        if (factors.Length != table.Pairs)
            throw new InvalidOperationException($"{factors.Length} rotary factors for {table.Pairs} pairs{(tensor is null ? "" : $" in '{tensor}'")}.");
        var frequencies = Plain(table, table.Theta);
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] /= factors[i];
        return (frequencies, hasLong && !useLong ? scaling.OriginalContext : -1);
    }
}
