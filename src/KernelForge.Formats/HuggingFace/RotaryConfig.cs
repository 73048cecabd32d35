using KernelForge.Manifests;

namespace KernelForge.Formats.HuggingFace;

/// <summary>
/// Rotary settings in both spellings found in the wild: <c>rope_theta</c> beside <c>rope_scaling</c> (with <c>type</c> or <c>rope_type</c>), and the
/// newer <c>rope_parameters</c> that holds all.
/// </summary>
internal static class RotaryConfig
{
    public static IEnumerable<MetadataEntry?> Entries(ConfigObject config, string prefix)
    {
        var scaling = config.Object("rope_parameters") ?? config.Object("rope_scaling");
        yield return scaling?.Real("rope_theta", prefix + "freq_base") ?? config.Real("rope_theta", prefix + "freq_base");
        if (config.Number("partial_rotary_factor") is { } part && part != 1)
            throw config.Error("partial_rotary_factor", "heads rotated in part are not read from folders", "Convert the model to GGUF.");
        if (scaling is null)
            yield break;

        prefix += "scaling.";
        var type = scaling.Text("rope_type") ?? scaling.Text("type") ?? "default";
        yield return new MetadataEntry(prefix + "type", MetadataType.String, type switch { "default" => "none", "su" => "longrope", _ => type });
        if (type == "default")
            yield break;
        yield return scaling.Real("factor", prefix + "factor");
        yield return scaling.Integer("original_max_position_embeddings", prefix + "original_context_length")
            ?? config.Integer("original_max_position_embeddings", prefix + "original_context_length");
        yield return scaling.Real("attention_factor", prefix + "amplitude") ?? MscaleAmplitude(scaling, prefix);
        yield return scaling.Real("beta_fast", prefix + "yarn_beta_fast");
        yield return scaling.Real("beta_slow", prefix + "yarn_beta_slow");
        yield return scaling.Has("truncate") ? new MetadataEntry(prefix + "truncate", MetadataType.Boolean, scaling.Flag("truncate") ? "true" : "false") : null;
        yield return scaling.Real("low_freq_factor", prefix + "low_freq_factor");
        yield return scaling.Real("high_freq_factor", prefix + "high_freq_factor");
        yield return scaling.Reals("short_factor", prefix + "short_factors");
        yield return scaling.Reals("long_factor", prefix + "long_factors");
    }

    /// <summary>DeepSeek's form of YaRN's amplitude: a quotient of two, one for the rotation and one for the whole head.</summary>
    private static MetadataEntry? MscaleAmplitude(ConfigObject scaling, string prefix)
    {
        if (scaling.Number("mscale") is not { } rotated || scaling.Number("mscale_all_dim") is not { } all || scaling.Number("factor") is not { } factor)
            return null;
        double Amplitude(double mscale) => factor <= 1 ? 1 : (0.1 * mscale * Math.Log(factor)) + 1;
        return rotated == 0 || all == 0 ? null : ConfigObject.Real(prefix + "amplitude", Amplitude(rotated) / Amplitude(all));
    }
}
