using KernelForge.Manifests;

namespace KernelForge.Architectures;

/// <summary>
/// A folder's <c>config.json</c> in the manifest: every value under its path, after a prefix. What no architecture asks for must have no bearing on
/// what the model computes; anything else is refused, since it would be ignored.
/// </summary>
internal static class FolderConfig
{
    public const string Prefix = "config.";

    // Names, ids, training and generation: nothing that a forward pass computes with.
    private static readonly HashSet<string> Idle = new(StringComparer.Ordinal)
    {
        "model_type", "architectures", "auto_map", "transformers_version", "dtype", "torch_dtype", "use_cache", "initializer_range", "initializer_factor", "init_std",
        "tie_word_embeddings", "vocab_size", "pretraining_tp",
        "router_aux_loss_coef", "router_jitter_noise", "input_jitter_noise", "aux_loss_alpha", "aux_loss_coef", "seq_aux", "output_router_logits", "num_nextn_predict_layers", "max_window_layers",
        "problem_type", "classifier_activation", "_name_or_path", "name_or_path", "unsloth_version", "gradient_checkpointing", "chunk_size_feed_forward",
        "is_decoder", "is_encoder_decoder", "add_cross_attention", "return_dict", "return_dict_in_generate", "use_mamba_kernels", "_attn_implementation",
        "attn_implementation", "initializer_cutoff_factor", "_commit_hash", "head_type",
        "task_specific_params", "n_ctx", "resid_pdrop", "embd_pdrop", "attn_pdrop",
        // What the published files of some models repeat or note beside.
        "is_llama_config", "cache_implementation", "torchscript", "tokenizer_class", "use_flash_attn", "flash_attn", "bos_token", "eos_token",
        "use_flash_attention", "model_max_length", "predict_special_tokens", "n_special", "compression_ratio", "unsloth_fixed", "model_name",
        "attention_in_fp32", "scale_attention_softmax_in_fp32", "reorder_and_upcast_attn", "max_length", "min_length", "temperature", "top_k", "top_p", "do_sample", "num_beams",
        "early_stopping", "no_repeat_ngram_size", "length_penalty", "repetition_penalty", "max_new_tokens", "forced_bos_token_id",
        "rope_scaling.finetuned", "rope_parameters.finetuned", "ep_size", "tf_legacy_loss", "pruned_heads", "output_attentions", "output_hidden_states",
        "output_past",
    };

    /// <summary>Notes an error for every option that has a value and that nobody asked for.</summary>
    public static void RefuseUnread(ModelReader model, ISet<string> asked)
    {
        foreach (var entry in model.Manifest.Metadata)
        {
            if (!entry.Key.StartsWith(Prefix, StringComparison.Ordinal) || asked.Contains(entry.Key) || IsIdle(entry))
                continue;
            var name = entry.Key.Substring(Prefix.Length);
            model.Error(
                ProblemCodes.FeatureUnsupported,
                $"config.json has the option {name} ({Shortened(entry.Text)}), which the architecture '{model.Manifest.Architecture}' does not know here. What it changes would be lost; remove it if it changes nothing.",
                name);
        }
    }

    // Off, empty, or without a bearing.
    private static bool IsIdle(MetadataEntry entry)
    {
        var name = entry.Key.Substring(Prefix.Length);
        return Idle.Contains(name) || entry.Text.Length == 0 || (entry.Type == MetadataType.Boolean && entry.Text == "false")
            || name.EndsWith("dropout", StringComparison.Ordinal) || name.EndsWith("dropout_prob", StringComparison.Ordinal) || name.EndsWith("layerdrop", StringComparison.Ordinal)
            || name.EndsWith("_token_id", StringComparison.Ordinal) || name.EndsWith("_start_id", StringComparison.Ordinal) || name.EndsWith("_end_id", StringComparison.Ordinal)
            || name.StartsWith("id2label.", StringComparison.Ordinal) || name.StartsWith("label2id.", StringComparison.Ordinal)
            || (name == "layer_types" && entry.Text.Split(',').All(type => type == "full_attention"))
            || name.StartsWith("transformers.js_config.", StringComparison.Ordinal) || name.StartsWith("auto_map.", StringComparison.Ordinal) || name.StartsWith("task_specific_params.", StringComparison.Ordinal)
            || name.StartsWith("summary_", StringComparison.Ordinal);
    }

    /// <summary>A value as messages quote it.</summary>
    public static string Shortened(string text) => text.Length <= 60 ? text : text.Substring(0, 60) + "...";
}
