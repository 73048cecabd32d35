using KernelForge.Graphs;

namespace KernelForge.Reference.Numerics;

/// <summary>Cosines and sines of a rotary table in binary64 (docs/numerics.md, "Rotary tables").</summary>
public static class RotaryAngles
{
    /// <summary>Reads a tensor of divisors (GGUF's <c>rope_freqs.weight</c> and the like).</summary>
    public delegate float[] FactorTensor(string name);

    /// <summary>The table [position][2 * pairs] of cosine and sine, rounded to binary32.</summary>
    public static float[][] Table(RotaryTable table, int positions, FactorTensor tensor)
    {
        var rows = new float[positions][];
        for (var position = 0; position < positions; position++)
            rows[position] = Row(table, position, tensor);
        return rows;
    }

    private static float[] Row(RotaryTable table, int position, FactorTensor tensor)
    {
        var amplitude = table.Scaling switch
        {
            RotaryScaling.Yarn yarn => yarn.AttentionFactor,
            RotaryScaling.PerPair pairs => pairs.AttentionFactor,
            _ => 1.0,
        };
        var frequencies = Frequencies(table, position, tensor);
        var row = new float[2 * table.Pairs];
        for (var pair = 0; pair < table.Pairs; pair++)
        {
            var angle = position * frequencies[pair];
            row[2 * pair] = (float)(Math.Cos(angle) * amplitude);
            row[(2 * pair) + 1] = (float)(Math.Sin(angle) * amplitude);
        }

        return row;
    }

    private static double[] Frequencies(RotaryTable table, int position, FactorTensor tensor)
    {
        var dimension = 2.0 * table.Pairs;
        var theta = table.Theta;
        if (table.Scaling is RotaryScaling.Dynamic dynamic && position + 1 > dynamic.OriginalContext)
        {
            var growth = (dynamic.Factor * (position + 1) / dynamic.OriginalContext) - (dynamic.Factor - 1.0);
            theta *= Math.Pow(growth, dimension / (dimension - 2.0));
        }

        var frequencies = new double[table.Pairs];
        for (var pair = 0; pair < table.Pairs; pair++)
            frequencies[pair] = 1.0 / Math.Pow(theta, 2.0 * pair / dimension);

        switch (table.Scaling)
        {
            case RotaryScaling.Default or RotaryScaling.Dynamic:
                break;
            case RotaryScaling.Linear linear:
                for (var pair = 0; pair < frequencies.Length; pair++)
                    frequencies[pair] /= linear.Factor;
                break;
            case RotaryScaling.Llama3 llama3:
                for (var pair = 0; pair < frequencies.Length; pair++)
                    frequencies[pair] = Scaled(llama3, frequencies[pair]);
                break;
            case RotaryScaling.Yarn yarn:
                Scale(yarn, theta, frequencies);
                break;
            case RotaryScaling.PerPair perPair:
                var factors = Factors(perPair, position, tensor);
                for (var pair = 0; pair < frequencies.Length; pair++)
                    frequencies[pair] /= factors[pair];
                break;
            default:
                throw new NotSupportedException($"The contract knows no rotary scaling {table.Scaling.GetType().Name}.");
        }

        return frequencies;
    }

    private static double Scaled(RotaryScaling.Llama3 scaling, double frequency)
    {
        var wavelength = 2.0 * Math.PI / frequency;
        if (wavelength < scaling.OriginalContext / scaling.HighFrequencyFactor)
            return frequency;
        if (wavelength > scaling.OriginalContext / scaling.LowFrequencyFactor)
            return frequency / scaling.Factor;
        var smooth = ((scaling.OriginalContext / wavelength) - scaling.LowFrequencyFactor)
            / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return ((1.0 - smooth) * (frequency / scaling.Factor)) + (smooth * frequency);
    }

    private static void Scale(RotaryScaling.Yarn scaling, double theta, double[] frequencies)
    {
        var dimension = 2.0 * frequencies.Length;
        var low = PairOfRotations(scaling.BetaFast);
        var high = PairOfRotations(scaling.BetaSlow);
        if (scaling.Truncate)
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        low = Math.Max(low, 0.0);
        high = Math.Min(high, dimension - 1.0);
        if (low == high)
            high += 0.001;
        for (var pair = 0; pair < frequencies.Length; pair++)
        {
            var interpolated = Math.Clamp((pair - low) / (high - low), 0.0, 1.0);
            frequencies[pair] = (frequencies[pair] / scaling.Factor * interpolated) + (frequencies[pair] * (1.0 - interpolated));
        }

        double PairOfRotations(double rotations) =>
            dimension * Math.Log(scaling.OriginalContext / (rotations * 2.0 * Math.PI)) / (2.0 * Math.Log(theta));
    }

    private static double[] Factors(RotaryScaling.PerPair scaling, int position, FactorTensor tensor)
    {
        var useLong = position >= scaling.OriginalContext;
        var name = useLong ? scaling.LongTensor : scaling.ShortTensor;
        if (name is not null)
            return Array.ConvertAll(tensor(name), factor => (double)factor);
        return (useLong ? scaling.LongFactors : scaling.ShortFactors).ToArray();
    }
}
