using System.Text.Json;
using KernelForge.Manifests;

namespace KernelForge.Formats.HuggingFace;

/// <summary>Reads <c>config.json</c> of a llama-like model into GGUF's keys, so that one architecture serves both kinds of file.</summary>
internal sealed class HuggingFaceConfig
{
    private const string Prefix = "llama.";

    private HuggingFaceConfig(string architecture, IEnumerable<MetadataEntry> metadata, byte[] bytes)
    {
        Architecture = architecture;
        Metadata = metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToEquatableArray();
        Bytes = bytes;
    }

    public string Architecture { get; }

    public EquatableArray<MetadataEntry> Metadata { get; }

    /// <summary>The file as it is.</summary>
    public byte[] Bytes { get; }

    public static HuggingFaceConfig Read(string path)
    {
        var (document, bytes) = JsonFile.Read(path);
        using (document)
        {
            var config = new ConfigObject(path, document.RootElement);
            var type = config.RequiredText("model_type");
            // Mistral is a Llama with a sliding window; GGUF gives both one name.
            var known = type is "llama" or "mistral";
            return new HuggingFaceConfig(known ? "llama" : type, known ? Entries(config).OfType<MetadataEntry>() : [], bytes);
        }
    }

    private static IEnumerable<MetadataEntry?> Entries(ConfigObject config)
    {
        if (config.Has("quantization_config"))
            throw config.Error("quantization_config", "quantized folders are not read", "Use the unquantized model, or a GGUF file.");
        if (config.Text("hidden_act") is { } activation && activation != "silu")
            throw config.Error("hidden_act", $"the activation '{activation}' is not one of a llama", "Use a model of a supported architecture.");

        yield return new MetadataEntry("kernelforge.layout", MetadataType.String, "huggingface");
        yield return new MetadataEntry("kernelforge.tied", MetadataType.Boolean, config.Flag("tie_word_embeddings") ? "true" : "false");
        yield return config.RequiredInteger("hidden_size", Prefix + "embedding_length");
        yield return config.RequiredInteger("intermediate_size", Prefix + "feed_forward_length");
        yield return config.RequiredInteger("num_hidden_layers", Prefix + "block_count");
        yield return config.RequiredInteger("num_attention_heads", Prefix + "attention.head_count");
        yield return config.Integer("num_key_value_heads", Prefix + "attention.head_count_kv");
        yield return config.Integer("head_dim", Prefix + "attention.key_length");
        yield return config.RequiredInteger("vocab_size", Prefix + "vocab_size");
        yield return config.RequiredInteger("max_position_embeddings", Prefix + "context_length");
        yield return config.Real("rms_norm_eps", Prefix + "attention.layer_norm_rms_epsilon");
        yield return config.Integer("sliding_window", Prefix + "attention.sliding_window");
        foreach (var entry in RotaryConfig.Entries(config, Prefix + "rope."))
            yield return entry;
    }
}
