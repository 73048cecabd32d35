using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Hyper-parameters as BART's folders name them, and those of what descends from it.</summary>
internal static class SpeechAndText
{
    // The norms of these models have it without saying so.
    private const float Epsilon = 1e-5f;

    /// <summary>Sizes of both parts, which share the stream's width.</summary>
    public static (DecoderConfig Encoder, DecoderConfig Decoder) Sizes(ModelReader model, int vocabulary, Key encoderContext, Key decoderContext)
    {
        var width = model.Integer(new Key(null, "d_model", "hidden_size"), 1, 1 << 18);
        model.Accept("num_hidden_layers");
        DecoderConfig Read(string part, Key context)
        {
            var heads = model.Integer(new Key(null, part + "_attention_heads"), 1, 4096);
            if (width % heads != 0)
            {
                model.Error(
                    ProblemCodes.HyperparameterContradiction,
                    $"d_model ({width}) is no multiple of {part}_attention_heads ({heads}). Download the model again.", part + "_attention_heads");
            }

            return new DecoderConfig(
                vocabulary, width, model.Integer(context, 1, RotaryReader.MostContext), model.Integer(new Key(null, part + "_layers"), 1, 4096),
                model.Integer(new Key(null, part + "_ffn_dim"), 1, 1 << 22), heads, heads, Math.Max(1, width / heads), Epsilon);
        }

        return (Read("encoder", encoderContext), Read("decoder", decoderContext));
    }

    /// <summary>Factor of the embedding.</summary>
    public static float EmbeddingScale(ModelReader model, int width) =>
        model.Flag(new Key(null, "scale_embedding"), fallback: false) ? (float)Math.Sqrt(width) : 1;
}
