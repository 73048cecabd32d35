using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>The hyper-parameters of a llama-like model, checked.</summary>
internal sealed record LlamaConfig(
    int Vocabulary, int Width, int Context, int Layers, int Hidden, int Heads, int KeyValueHeads, int HeadSize,
    float Epsilon, int Window, RotaryTable Rotary)
{
    /// <summary>Reads the keys that start with <paramref name="prefix"/>. What is wrong is noted in the reader.</summary>
    public static LlamaConfig Read(ModelReader model, string prefix)
    {
        RefuseUnsupported(model, prefix);
        var width = model.Integer(prefix + "embedding_length", 1, 1 << 18);
        var context = model.Integer(prefix + "context_length", 1, RotaryReader.MostContext);
        var layers = model.Integer(prefix + "block_count", 1, 4096);
        var hidden = model.IntegerOfLayers(prefix + "feed_forward_length", layers, 1, 1 << 22);
        var headsKey = prefix + "attention.head_count";
        var heads = model.IntegerOfLayers(headsKey, layers, 1, 4096);
        var keyValueHeads = model.IntegerOfLayers(prefix + "attention.head_count_kv", layers, 1, 4096, heads);
        var headSize = ReadHeadSize(model, prefix, width, heads);
        if (heads % keyValueHeads != 0)
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{headsKey}_kv ({keyValueHeads}) does not divide {headsKey} ({heads}). Convert the model again.",
                headsKey + "_kv");
        }

        var epsilon = (float)model.Real(prefix + "attention.layer_norm_rms_epsilon", 0, 1);
        var window = model.Integer(prefix + "attention.sliding_window", 0, int.MaxValue, 0);
        var rotary = RotaryReader.Read(model, prefix, headSize, context);
        return new LlamaConfig(
            ReadVocabulary(model, prefix), width, context, layers, hidden, heads, keyValueHeads, headSize, epsilon,
            window >= context ? 0 : window, rotary);
    }

    private static int ReadHeadSize(ModelReader model, string prefix, int width, int heads)
    {
        const int most = 1024;
        var key = prefix + "attention.key_length";
        if (!model.Has(key) && width % heads != 0)
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{prefix}embedding_length ({width}) is no multiple of {prefix}attention.head_count ({heads}), and no key_length says how long a head is. Convert the model again.",
                prefix + "attention.head_count");
            return 2;
        }

        var size = model.Integer(key, 2, most, Math.Max(2, width / heads));
        var valueSize = model.Integer(prefix + "attention.value_length", 2, most, size);
        if (valueSize != size)
        {
            model.Error(
                ProblemCodes.FeatureUnsupported,
                $"Keys have {size} values a head and values {valueSize}; this version compiles heads of one size.",
                prefix + "attention.value_length");
        }

        return size;
    }

    private static int ReadVocabulary(ModelReader model, string prefix)
    {
        const int most = 1 << 24;
        var key = prefix + "vocab_size";
        var rows = model.RowsOf(LlamaTensors.Of(model).Embedding);
        var claimed = model.Integer(key, 1, most, rows is > 0 and <= most ? (int)rows : 1);
        if (rows > 0 && rows != claimed)
            model.Error(ProblemCodes.VocabularyMismatch, $"{key} is {claimed} and the embedding has {rows} rows. Convert the model again.", key);
        var tokens = model.Integer("kernelforge.vocabulary", 0, most, claimed);
        if (tokens != claimed)
        {
            model.Error(
                ProblemCodes.VocabularyMismatch,
                $"The tokenizer has {tokens} tokens and the model's vocabulary {claimed}. Convert the model again.",
                "tokenizer.ggml.tokens");
        }

        return claimed;
    }

    private static void RefuseUnsupported(ModelReader model, string prefix)
    {
        if (model.Integer(prefix + "expert_count", 0, int.MaxValue, 0) > 0)
        {
            model.Error(
                ProblemCodes.FeatureUnsupported,
                "The model is a mixture of experts, which this version does not compile. Use a dense model.",
                prefix + "expert_count");
        }

        if (model.Integer("split.count", 0, ushort.MaxValue, 1) > 1)
        {
            model.Error(
                ProblemCodes.FeatureUnsupported,
                "The file is one part of several. Join the parts first (llama-gguf-split --merge).",
                "split.count");
        }
    }
}
