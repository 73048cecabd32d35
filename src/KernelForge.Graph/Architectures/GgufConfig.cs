using System.Globalization;
using KernelForge.Manifests;

namespace KernelForge.Architectures;

/// <summary>
/// Hyper-parameters of a GGUF file: the keys that begin with its architecture's name. One that changes what is computed and that the architecture does not ask
/// for is refused, since it would be ignored.
/// </summary>
internal static class GgufConfig
{
    private const string Causal = "attention.causal";

    // Sizes that the tensors' shapes say again, names, and what a token's computation does not read.
    private static readonly HashSet<string> Idle = new(StringComparer.Ordinal)
    {
        "vocab_size", "context_length", "block_count", "embedding_length", "feed_forward_length", "attention.head_count", "attention.head_count_kv", "attention.key_length",
        "attention.value_length", "attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "expert_used_count", "expert_feed_forward_length",
        "rope.dimension_count", "rope.freq_base", "rope.scaling.finetuned", "rope.scaling.factor", "rope.scaling.original_context_length", "rope.scaling.yarn_log_multiplier",
        "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", "tensor_data_layout", "pooling_type", "classifier.output_labels", "token_type_count", "tokens_per_image",
        "decoder_start_token_id",
    };

    // Of parts beside the text's, which are no graph of this file.
    private static readonly string[] Others = ["vision.", "audio.", "mm."];

    // What multiplies, divides, or counts in steps: 1 changes nothing.
    private static readonly HashSet<string> Factors = new(StringComparer.Ordinal)
    {
        "logit_scale", "embedding_scale", "residual_scale", "expert_weights_scale", "attention.output_scale", "rope.scale_linear", "rope.scaling.attn_factor",
        "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_ext_factor", "expert_group_count", "expert_group_used_count", "interleave_moe_layer_step",
    };

    /// <summary>Notes an error for every hyper-parameter that changes something and that nobody asked for.</summary>
    public static void RefuseUnread(ModelReader model, ISet<string> asked)
    {
        var prefix = model.Manifest.Architecture + ".";
        foreach (var entry in model.Manifest.Metadata)
        {
            if (!entry.Key.StartsWith(prefix, StringComparison.Ordinal) || asked.Contains(entry.Key) || IsNeutral(entry.Key.Substring(prefix.Length), entry))
                continue;
            model.Error(
                ProblemCodes.FeatureUnsupported,
                $"The file has {entry.Key} ({FolderConfig.Shortened(entry.Text)}), which the architecture '{model.Manifest.Architecture}' does not know here. What it changes would be lost; use a file without it.",
                entry.Key);
        }
    }

    // A decoder is causal where nothing is said; everything else is off at 0.
    private static bool IsNeutral(string name, MetadataEntry entry)
    {
        if (Idle.Contains(name) || entry.Text.Length == 0 || Others.Any(part => name.StartsWith(part, StringComparison.Ordinal)))
            return true;
        return entry.Type switch
        {
            MetadataType.Boolean => entry.Text == (name == Causal ? "true" : "false"),
            MetadataType.String => entry.Text == "none",
            _ => entry.Text.Split(',').All(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && (value == 0 || (value == 1 && Factors.Contains(name)))),
        };
    }
}
