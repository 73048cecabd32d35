using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>The hyper-parameters that all decoders share, checked.</summary>
internal sealed record DecoderConfig(
    int Vocabulary, int Width, int Context, int Layers, int Hidden, int Heads, int KeyValueHeads, int HeadSize, float Epsilon)
{
    public static readonly Key WidthKey = new("embedding_length", "hidden_size", "n_embd", "d_model");
    public static readonly Key ContextKey = new("context_length", "max_position_embeddings", "n_positions", "max_sequence_length");
    public static readonly Key LayersKey = new("block_count", "num_hidden_layers", "n_layer", "num_layers");
    public static readonly Key HeadsKey = new("attention.head_count", "num_attention_heads", "n_head");
    public static readonly Key KeyValueHeadsKey = new("attention.head_count_kv", "num_key_value_heads");
    public static readonly Key HiddenKey = new("feed_forward_length", "intermediate_size", "n_inner", "ffn_dim");
    public static readonly Key HeadSizeKey = new("attention.key_length", "head_dim");
    public static readonly Key RmsEpsilonKey = new("attention.layer_norm_rms_epsilon", "rms_norm_eps", "norm_eps", "layer_norm_eps");
    public static readonly Key LayerEpsilonKey = new("attention.layer_norm_epsilon", "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "norm_eps", "rms_norm_eps");

    /// <summary>Number of layers.</summary>
    public static int LayerCount(ModelReader model) => model.Integer(LayersKey, 1, 4096);

    /// <summary>Values of the stream.</summary>
    public static int WidthOf(ModelReader model) => model.Integer(WidthKey, 1, 1 << 18);

    /// <summary>Query heads, where all layers have as many.</summary>
    public static int HeadCount(ModelReader model) => model.Integer(HeadsKey, 1, 4096);

    /// <summary>Reads them. What is wrong is noted in the reader.</summary>
    public static DecoderConfig Read(ModelReader model, Decoder decoder, DecoderTensors names)
    {
        var width = WidthOf(model);
        var context = model.Integer(ContextKey, 1, RotaryReader.MostContext);
        var layers = LayerCount(model);
        // GPT-2's folders leave the usual four widths out.
        var hidden = decoder.Hidden ?? model.IntegerOfLayers(HiddenKey, layers, 1, 1 << 22, model.IsFolder && names.IsTransposed ? 4 * width : null);
        var heads = model.IntegerOfLayers(HeadsKey, layers, 1, 4096);
        var keyValueHeads = model.IntegerOfLayers(KeyValueHeadsKey, layers, 1, 4096, heads, decoder.Layers.HasAttention);
        if (heads % keyValueHeads != 0)
        {
            var key = model.Name(KeyValueHeadsKey);
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{key} ({keyValueHeads}) does not divide {model.Name(HeadsKey)} ({heads}). Convert the model again.", key);
        }

        var epsilon = (float)model.Real(decoder.Norm == NormKind.Rms ? RmsEpsilonKey : LayerEpsilonKey, 0, 1, model.IsFolder ? decoder.Epsilon : null);
        var headSize = decoder.Latent?.Rotated ?? ReadHeadSize(model, width, heads);
        return new DecoderConfig(VocabularyOf(model, names.Embedding + ".weight", decoder.ExtraIds), width, context, layers, hidden, heads, keyValueHeads, headSize, epsilon);
    }

    private static int ReadHeadSize(ModelReader model, int width, int heads)
    {
        const int most = 1024;
        if (!model.Has(HeadSizeKey) && width % heads != 0)
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{model.Name(WidthKey)} ({width}) is no multiple of {model.Name(HeadsKey)} ({heads}), and {model.Name(HeadSizeKey)} does not say how long a head is. Convert the model again.",
                model.Name(HeadsKey));
            return 2;
        }

        var size = model.Integer(HeadSizeKey, 2, most, Math.Max(2, width / heads));
        var valueKey = new Key("attention.value_length");
        var valueSize = model.IsFolder ? size : model.Integer(valueKey, 2, most, size);
        if (valueSize != size)
        {
            model.Error(
                ProblemCodes.FeatureUnsupported,
                $"Keys have {size} values a head and values {valueSize}; this version compiles heads of one size.",
                model.Name(valueKey));
        }

        return size;
    }

    /// <summary>Number of tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">The embedding, which has a row for each of them.</param>
    /// <param name="extraIds">Rows that it has beyond.</param>
    public static int VocabularyOf(ModelReader model, string table, int extraIds = 0)
    {
        const int most = 1 << 24;
        var key = new Key("vocab_size", "vocab_size");
        var rows = model.RowsOf(table) - extraIds;
        var claimed = model.Integer(key, 1, most, rows is > 0 and <= most ? (int)rows : 1);
        if (rows > 0 && rows != claimed)
            model.Error(ProblemCodes.VocabularyMismatch, $"{model.Name(key)} is {claimed} and the embedding has {rows + extraIds} rows. Convert the model again.", model.Name(key));
        var tokens = model.Integer("kernelforge.vocabulary", 0, most, claimed);
        if (tokens < claimed || tokens > claimed + extraIds)
        {
            model.Error(
                ProblemCodes.VocabularyMismatch,
                $"The tokenizer has {tokens} tokens and the model's vocabulary {claimed}. Convert the model again.",
                "tokenizer.ggml.tokens");
        }

        return claimed;
    }
}
