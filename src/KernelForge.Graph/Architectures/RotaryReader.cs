using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// Where a model keeps the settings of one rotary table. Folders spell them in two ways: <c>rope_theta</c> beside <c>rope_scaling</c>, and the newer
/// <c>rope_parameters</c> that holds all, perhaps once for each kind of layer.
/// </summary>
/// <param name="Theta">The base.</param>
/// <param name="Scopes">Paths in <c>config.json</c> before the name of a setting, the first that has it.</param>
/// <param name="IsScaled">Whether a file's scaling applies to this table.</param>
/// <param name="Default">The base of folders that name none.</param>
internal sealed record RotaryKeys(Key Theta, EquatableArray<string> Scopes, bool IsScaled, double Default)
{
    /// <summary>Those of a model with one table.</summary>
    public static readonly RotaryKeys Single = new(
        new Key("rope.freq_base", "rope_parameters.rope_theta", "rope_scaling.rope_theta", "rope_theta", "rotary_emb_base"),
        EquatableArray.Create("rope_parameters.", "rope_scaling."), IsScaled: true, 10_000);

    /// <summary>The scaling of folders that say nothing of one; null: none.</summary>
    public RotaryScaling? Published { get; init; }

    /// <summary>Those of a model with one table whose folders may leave out this base.</summary>
    public static EquatableArray<RotaryKeys> From(double theta) => EquatableArray.Create(Single with { Default = theta });

    /// <summary>Those of layers that see the whole context, where others have a table of their own.</summary>
    public static readonly RotaryKeys Global = new(
        new Key("rope.freq_base", "rope_parameters.full_attention.rope_theta", "rope_theta", "global_rope_theta"),
        EquatableArray.Create("rope_parameters.full_attention.", "rope_scaling."), IsScaled: true, 1_000_000);

    /// <summary>Those of layers with a sliding window.</summary>
    public static readonly RotaryKeys Local = new(
        new Key("rope.freq_base_swa", "rope_parameters.sliding_attention.rope_theta", "rope_local_base_freq", "local_rope_theta"),
        EquatableArray.Create("rope_parameters.sliding_attention."), IsScaled: false, 10_000);

    /// <summary>A setting that GGUF names <c>rope.scaling.</c> + <paramref name="gguf"/>; the top of <c>config.json</c> has it too where <paramref name="atTop"/> says so.</summary>
    public Key Scaling(string? gguf, string name, bool atTop = false) =>
        new(gguf is null ? null : "rope.scaling." + gguf, [.. Scopes.Select(scope => scope + name), .. atTop ? new[] { name } : []]);
}

/// <summary>Reads rotary tables.</summary>
internal static class RotaryReader
{
    private const string Frequencies = "rope_freqs.weight";
    private const string ShortFactors = "rope_factors_short.weight";
    private const string LongFactors = "rope_factors_long.weight";

    private static readonly Key Logarithm = new("rope.scaling.yarn_log_multiplier");

    /// <summary>Positions that any model may have; a bound for what a file may claim.</summary>
    internal const int MostContext = 1 << 24;

    /// <summary>Reads one table.</summary>
    /// <param name="model">The model.</param>
    /// <param name="keys">Where its settings are.</param>
    /// <param name="rotated">Values of a head that are rotated where the model does not say how many.</param>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="context">The model's context.</param>
    public static RotaryTable Read(ModelReader model, RotaryKeys keys, int rotated, int headSize, int context)
    {
        var dimension = Dimension(model, keys, rotated, headSize);
        // YaRN takes the logarithm of the base, so 1 and below make no sense.
        var theta = model.Real(keys.Theta, 1.0001, 1e15, model.IsFolder ? keys.Default : RotaryKeys.Single.Default);
        if (Type(model, keys) == "dynamic" && model.Has(keys.Scaling(null, "alpha")))
        {
            // Hunyuan's form of NTK scaling: a larger base from the first token on.
            model.Name(keys.Scaling(null, "factor"));
            var alpha = model.Real(keys.Scaling(null, "alpha"), 1e-3, 1e9);
            AcceptBetas(model, keys);
            return new RotaryTable(dimension / 2, theta * Math.Pow(alpha, dimension / (dimension - 2.0)), new RotaryScaling.Default());
        }

        return new RotaryTable(dimension / 2, theta, keys.IsScaled ? Scaling(model, keys, dimension / 2, context) : new RotaryScaling.Default());
    }

    private static int Dimension(ModelReader model, RotaryKeys keys, int rotated, int headSize)
    {
        if (!model.IsFolder)
        {
            var key = new Key("rope.dimension_count");
            var count = model.Integer(key, 2, headSize, rotated);
            if (count % 2 != 0)
                model.Error(ProblemCodes.HyperparameterRange, $"{model.Name(key)} is {count}; rotary pairs need an even number. Convert the model again.", model.Name(key));
            return count;
        }

        var share = keys.Scaling(null, "partial_rotary_factor", atTop: true);
        var part = model.Has(share) ? model.Real(share, 0, 1) : model.Real(new Key(null, "rotary_pct", "rope_pct"), 0, 1, (double)rotated / headSize);
        var dimension = (int)(headSize * part);
        if (dimension >= 2 && dimension % 2 == 0)
            return dimension;
        model.Error(ProblemCodes.HyperparameterRange, $"{part:R} of a head of {headSize} values are rotated; rotary pairs need an even number of at least 2.", model.Name(share));
        return 2;
    }

    /// <summary>The kind of scaling by GGUF's names.</summary>
    private static string Type(ModelReader model, RotaryKeys keys)
    {
        // Many files have both spellings of the name.
        var older = model.IsFolder ? model.Text(keys.Scaling(null, "type")) : null;
        var name = model.Text(keys.Scaling("type", "rope_type")) ?? older;
        if (model.IsFolder)
            return name switch { null or "default" => "none", "su" => "longrope", _ => name };
        return name ?? (model.HasTensor(ShortFactors) ? "longrope" : Factor(model, keys) == 1 ? "none" : "linear");
    }

    private static RotaryScaling Scaling(ModelReader model, RotaryKeys keys, int pairs, int context)
    {
        if (keys.Published is { } published && model.IsFolder && !keys.Scopes.Any(scope => model.Says(scope.TrimEnd('.'))))
            return published;
        var type = Type(model, keys);
        // Also without a scaling some files say for which context they were trained.
        model.Name(keys.Scaling(null, "original_max_position_embeddings", atTop: true));
        if (model.HasTensor(Frequencies))
            return FrequencyTensor(model, keys, type, pairs, context);
        int Original() => model.Integer(keys.Scaling("original_context_length", "original_max_position_embeddings", atTop: true), 1, MostContext, context);
        switch (type)
        {
            case "none":
                return new RotaryScaling.Default();
            case "linear":
                return Factor(model, keys) is var factor && factor == 1 ? new RotaryScaling.Default() : new RotaryScaling.Linear(factor);
            case "dynamic" when pairs > 1:
                return new RotaryScaling.Dynamic(Factor(model, keys), Original());
            case "yarn":
                return new RotaryScaling.Yarn(
                    Factor(model, keys),
                    Original(),
                    YarnAmplitude(model, keys),
                    model.Real(keys.Scaling("yarn_beta_fast", "beta_fast"), 1e-3, 1e6, 32),
                    model.Real(keys.Scaling("yarn_beta_slow", "beta_slow"), 1e-3, 1e6, 1),
                    model.Flag(keys.Scaling("truncate", "truncate"), fallback: true));
            case "llama3":
                return Llama3(model, keys, Original());
            case "longrope":
                return LongRope(model, keys, pairs, context, Original());
            default:
                var key = model.Name(keys.Scaling("type", "rope_type"));
                model.Error(
                    ProblemCodes.FeatureUnsupported,
                    $"{key} is '{type}'; this version knows none, linear, dynamic, yarn, llama3 and longrope.", key);
                return new RotaryScaling.Default();
        }
    }

    private static double Factor(ModelReader model, RotaryKeys keys)
    {
        // Files of 2023 have the older key. 0 means that there is none.
        var key = keys.Scaling("factor", "factor");
        if (!model.Has(key) && model.Has(new Key("rope.scale_linear")))
            key = new Key("rope.scale_linear");
        var factor = model.Real(key, 0, 1e6, 1);
        return factor == 0 ? 1 : factor;
    }

    /// <summary>What YaRN's amplitude adds to the scores of DeepSeek's attention, whose heads are rotated in part only: its square.</summary>
    public static double ScoreAmplitude(ModelReader model, RotaryKeys keys)
    {
        if (Type(model, keys) == "none")
            return 1;
        var logarithm = model.IsFolder ? 0.1 * model.Real(keys.Scaling(null, "mscale_all_dim"), 0, 1e3, 0) : model.Real(Logarithm, 0, 1e3, 0);
        var amplitude = 1 + (logarithm * Math.Log(Math.Max(1, Factor(model, keys))));
        return amplitude * amplitude;
    }

    private static double YarnAmplitude(ModelReader model, RotaryKeys keys)
    {
        var factor = Factor(model, keys);
        var published = factor > 1 ? 1 + (0.1 * Math.Log(factor)) : 1;
        if (!model.IsFolder)
        {
            // Files of DeepSeek's models multiply the scores instead.
            if (model.Real(Logarithm, 0, 1e3, 0) > 0)
                return 1;
            // GGUF has what is multiplied with the paper's amplitude.
            var extra = new Key("rope.scaling.yarn_attn_factor");
            return published * model.Real(model.Has(extra) ? extra : new Key("rope.scaling.attn_factor"), 1e-3, 1e3, 1);
        }

        // DeepSeek's form is a quotient of two amplitudes, one for the rotation and one for the whole head.
        var (rotated, all) = (model.Real(keys.Scaling(null, "mscale"), 0, 1e3, 0), model.Real(keys.Scaling(null, "mscale_all_dim"), 0, 1e3, 0));
        double Amplitude(double mscale) => factor <= 1 ? 1 : (0.1 * mscale * Math.Log(factor)) + 1;
        return model.Real(keys.Scaling(null, "attention_factor"), 1e-3, 1e3, rotated == 0 || all == 0 ? published : Amplitude(rotated) / Amplitude(all));
    }

    private static RotaryScaling.Llama3 Llama3(ModelReader model, RotaryKeys keys, int original)
    {
        var (lowKey, highKey) = (keys.Scaling("low_freq_factor", "low_freq_factor"), keys.Scaling("high_freq_factor", "high_freq_factor"));
        var low = model.Real(lowKey, 1e-3, 1e6, 1);
        var high = model.Real(highKey, 1e-3, 1e6, 4);
        if (high <= low)
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{model.Name(highKey)} ({high}) must be above low_freq_factor ({low}). Convert the model again.",
                model.Name(highKey));
        }

        return new RotaryScaling.Llama3(Factor(model, keys), low, high, original);
    }

    private static RotaryScaling.PerPair FrequencyTensor(ModelReader model, RotaryKeys keys, string type, int pairs, int context)
    {
        // Converters put a whole scaling of llama3's kind into this tensor; what a second scaling on top would mean, no reference says.
        if (type != "none")
        {
            var key = model.Name(keys.Scaling("type", "rope_type"));
            model.Error(ProblemCodes.HyperparameterContradiction, $"The file has both {Frequencies} and {key} '{type}'. Convert the model again.", key);
        }

        model.Vector(Frequencies, pairs);
        return new RotaryScaling.PerPair(default, default, Frequencies, Frequencies, context, 1);
    }

    private static RotaryScaling.PerPair LongRope(ModelReader model, RotaryKeys keys, int pairs, int context, int original)
    {
        // A model without an original context names its extension itself.
        var extension = model.Real(keys.Scaling(null, "factor"), 1e-3, 1e6, (double)context / original);
        if (original != context)
            extension = (double)context / original;
        var published = extension > 1 && original > 1 ? Math.Sqrt(1 + (Math.Log(extension) / Math.Log(original))) : 1;
        var amplitude = model.Real(keys.Scaling("attn_factor", "attention_factor"), 1e-3, 1e3, NamedAmplitude(model, keys) ?? published);
        if (model.IsFolder)
        {
            return new RotaryScaling.PerPair(
                model.Reals(keys.Scaling(null, "short_factor"), pairs), model.Reals(keys.Scaling(null, "long_factor"), pairs), null, null, original, amplitude);
        }

        model.Vector(ShortFactors, pairs);
        model.Vector(LongFactors, pairs);
        return new RotaryScaling.PerPair(default, default, ShortFactors, LongFactors, original, amplitude);
    }

    /// <summary>Phi-3.5-MoE names an amplitude for each list of factors.</summary>
    private static double? NamedAmplitude(ModelReader model, RotaryKeys keys)
    {
        var (shortKey, longKey) = (keys.Scaling(null, "short_mscale"), keys.Scaling(null, "long_mscale"));
        if (!model.Has(shortKey) && !model.Has(longKey))
            return null;
        var (ofShort, ofLong) = (model.Real(shortKey, 1e-3, 1e3), model.Real(longKey, 1e-3, 1e3));
        if (ofShort != ofLong)
            model.Error(ProblemCodes.FeatureUnsupported, $"{model.Name(shortKey)} is {ofShort} and long_mscale {ofLong}; this version knows one amplitude for both.", model.Name(shortKey));
        return ofShort;
    }

    /// <summary>Hunyuan's folders repeat YaRN's defaults beside a scaling that does not use them.</summary>
    private static void AcceptBetas(ModelReader model, RotaryKeys keys)
    {
        foreach (var name in new[] { "beta_fast", "beta_slow", "mscale", "mscale_all_dim" })
            model.Name(keys.Scaling(null, name));
    }
}
