using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// Rotary tables from the <c>rope.*</c> keys that the architectures share. <c>dynamic</c>, <c>llama3</c> and lists of factors among the keys
/// come from Hugging Face folders; GGUF has the last two as tensors.
/// </summary>
internal static class RotaryReader
{
    private const string Frequencies = "rope_freqs.weight";
    private const string ShortFactors = "rope_factors_short.weight";
    private const string LongFactors = "rope_factors_long.weight";

    public static RotaryTable Read(ModelReader model, string prefix, int headSize, int context)
    {
        var key = prefix + "rope.dimension_count";
        var dimension = model.Integer(key, 2, headSize, headSize);
        if (dimension % 2 != 0)
            model.Error(ProblemCodes.HyperparameterRange, $"{key} is {dimension}; rotary pairs need an even number. Convert the model again.", key);
        // YaRN takes the logarithm of the base, so 1 and below make no sense.
        var theta = model.Real(prefix + "rope.freq_base", 1.0001, 1e15, 10_000);
        return new RotaryTable(dimension / 2, theta, Scaling(model, prefix, dimension / 2, context));
    }

    private static RotaryScaling Scaling(ModelReader model, string prefix, int pairs, int context)
    {
        var scaling = prefix + "rope.scaling.";
        var factor = Factor(model, prefix);
        var type = model.Text(scaling + "type") ?? (factor == 1 ? "none" : "linear");
        if (model.HasTensor(Frequencies))
            return FrequencyTensor(model, scaling, type, pairs, context);
        int Original() => model.Integer(scaling + "original_context_length", 1, MostContext, context);
        switch (type)
        {
            case "none":
                return new RotaryScaling.Default();
            case "linear":
                return factor == 1 ? new RotaryScaling.Default() : new RotaryScaling.Linear(factor);
            case "dynamic" when pairs > 1:
                return new RotaryScaling.Dynamic(factor, Original());
            case "yarn":
                return new RotaryScaling.Yarn(
                    factor,
                    Original(),
                    YarnAmplitude(model, scaling, factor),
                    model.Real(scaling + "yarn_beta_fast", 1e-3, 1e6, 32),
                    model.Real(scaling + "yarn_beta_slow", 1e-3, 1e6, 1),
                    model.Flag(scaling + "truncate", fallback: true));
            case "llama3":
                return Llama3(model, scaling, factor, Original());
            case "longrope":
                return LongRope(model, scaling, pairs, context, Original());
            default:
                model.Error(
                    ProblemCodes.FeatureUnsupported,
                    $"{scaling}type is '{type}'; this version knows none, linear, dynamic, yarn, llama3 and longrope.",
                    scaling + "type");
                return new RotaryScaling.Default();
        }
    }

    /// <summary>Positions that any model may have; a bound for what a file may claim.</summary>
    internal const int MostContext = 1 << 24;

    private static double Factor(ModelReader model, string prefix)
    {
        // Files of 2023 have the older key. 0 means that there is none.
        var key = prefix + "rope.scaling.factor";
        if (!model.Has(key) && model.Has(prefix + "rope.scale_linear"))
            key = prefix + "rope.scale_linear";
        var factor = model.Real(key, 0, 1e6, 1);
        return factor == 0 ? 1 : factor;
    }

    private static double YarnAmplitude(ModelReader model, string scaling, double factor)
    {
        // A whole amplitude (Hugging Face's attention_factor) stands for itself; otherwise the paper's, times what the file adds.
        if (model.Has(scaling + "amplitude"))
            return model.Real(scaling + "amplitude", 1e-3, 1e3);
        var extra = model.Real(scaling + (model.Has(scaling + "yarn_attn_factor") ? "yarn_attn_factor" : "attn_factor"), 1e-3, 1e3, 1);
        return extra * (factor > 1 ? 1 + (0.1 * Math.Log(factor)) : 1);
    }

    private static RotaryScaling.Llama3 Llama3(ModelReader model, string scaling, double factor, int original)
    {
        var low = model.Real(scaling + "low_freq_factor", 1e-3, 1e6, 1);
        var high = model.Real(scaling + "high_freq_factor", 1e-3, 1e6, 4);
        if (high <= low)
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{scaling}high_freq_factor ({high}) must be above low_freq_factor ({low}). Convert the model again.",
                scaling + "high_freq_factor");
        }

        return new RotaryScaling.Llama3(factor, low, high, original);
    }

    private static RotaryScaling.PerPair FrequencyTensor(ModelReader model, string scaling, string type, int pairs, int context)
    {
        // Converters put a whole scaling of llama3's kind into this tensor; what a second scaling on top would mean, no reference says.
        if (type != "none")
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"The file has both {Frequencies} and {scaling}type '{type}'. Convert the model again.",
                scaling + "type");
        }

        model.Vector(Frequencies, pairs);
        return new RotaryScaling.PerPair(default, default, Frequencies, Frequencies, context, 1);
    }

    private static RotaryScaling.PerPair LongRope(ModelReader model, string scaling, int pairs, int context, int original)
    {
        var extension = (double)context / original;
        var published = extension > 1 && original > 1 ? Math.Sqrt(1 + (Math.Log(extension) / Math.Log(original))) : 1;
        var amplitude = model.Real(scaling + (model.Has(scaling + "amplitude") ? "amplitude" : "attn_factor"), 1e-3, 1e3, published);
        if (model.Has(scaling + "short_factors"))
        {
            return new RotaryScaling.PerPair(
                model.Reals(scaling + "short_factors", pairs), model.Reals(scaling + "long_factors", pairs), null, null, original, amplitude);
        }

        model.Vector(ShortFactors, pairs);
        model.Vector(LongFactors, pairs);
        return new RotaryScaling.PerPair(default, default, ShortFactors, LongFactors, original, amplitude);
    }
}
