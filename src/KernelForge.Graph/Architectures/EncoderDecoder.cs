using System.Globalization;
using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// What models share that read a text or a sound whole and then write a text: layers of attention, in the decoder followed by attention to what the
/// encoder gave, and a feed-forward.
/// </summary>
internal sealed class EncoderDecoder(ModelReader model, GraphBuilder graph, EncoderDecoderForm form)
{
    /// <summary>Sizes of one of the two.</summary>
    public EncoderParts Parts(DecoderConfig config) => new(model, config, graph) { NormKind = form.Norm, Scale = form.Scale ?? (float)(1 / Math.Sqrt(config.HeadSize)) };

    /// <summary>All layers.</summary>
    /// <param name="parts">Of the encoder or the decoder.</param>
    /// <param name="x">What the first layer reads.</param>
    /// <param name="path">What precedes a layer's number in the names of its tensors.</param>
    /// <param name="states">What the encoder gave, of the decoder; -1 of the encoder.</param>
    /// <param name="bias">Of attention in all layers.</param>
    public int Layers(EncoderParts parts, int x, string path, int states, RelativeBias? bias = null)
    {
        for (var layer = 0; layer < parts.Config.Layers && !model.Failed; layer++)
        {
            graph.Layer = layer;
            x = Layer(parts, x, path + layer.ToString(CultureInfo.InvariantCulture) + ".", states, bias);
        }

        graph.Layer = -1;
        return x;
    }

    private int Layer(EncoderParts parts, int x, string path, int states, RelativeBias? bias)
    {
        var (config, names) = (parts.Config, states < 0 ? form.Encoder : form.Decoder);
        var (width, heads) = (config.Width, config.Heads * config.HeadSize);
        x = Residual("Attention", x, names.Norm, read => parts.Linear("AttentionOutput", Attention(read), path + names.Output, width, heads));
        if (states >= 0)
            x = Residual("CrossAttention", x, names.CrossNorm, read => parts.Linear("CrossAttentionOutput", CrossAttention(read), path + names.CrossOutput, width, heads));
        return Residual("FeedForward", x, names.FeedForwardNorm, FeedForward);

        int Residual(string name, int stream, string norm, Func<int, int> branch) => form.IsPreNorm
            ? graph.Add(name + "Residual", stream, branch(parts.Norm(name + "Norm", stream, path + norm)))
            : parts.Norm(name + "Norm", graph.Add(name + "Residual", stream, branch(stream)), path + norm);

        int Attention(int read)
        {
            int Part(string name, string tensor) => parts.Linear(name, read, path + tensor, heads, width);
            return parts.Attention(Part("Query", names.Query), Part("Key", names.Key), Part("Value", names.Value), isCausal: states >= 0, bias);
        }

        int CrossAttention(int read)
        {
            LinearPart Part(string name, string tensor) => parts.Part(name, path + tensor, heads, width);
            return parts.CrossAttention(
                parts.Linear("CrossQuery", read, path + names.CrossQuery, heads, width), states, Part("CrossKey", names.CrossKey), Part("CrossValue", names.CrossValue));
        }

        int FeedForward(int read)
        {
            int Up(string name, string tensor) => parts.Linear(name, read, path + tensor, config.Hidden, width);
            var hidden = names.Gate is { } gate
                ? graph.Gate("GatedUnit", Up("Gate", gate), Up("Up", names.Up), form.Activation)
                : graph.Activate("Activated", Up("Up", names.Up), form.Activation);
            return parts.Linear("Down", hidden, path + names.Down, width, config.Hidden);
        }
    }
}

/// <summary>What distinguishes such models.</summary>
/// <param name="Encoder">Names of the tensors of an encoder's layer.</param>
/// <param name="Decoder">Of a decoder's layer.</param>
/// <param name="Norm">Of all norms.</param>
/// <param name="IsPreNorm">Norms precede what they belong to; otherwise they follow the sum.</param>
/// <param name="Activation">Of the feed-forward.</param>
/// <param name="Scale">Of the scores; null: 1 / sqrt(head size).</param>
internal sealed record EncoderDecoderForm(LayerNames Encoder, LayerNames Decoder, NormKind Norm, bool IsPreNorm, Activation Activation, float? Scale = null);

/// <summary>Names of a layer's tensors. The defaults are those of BART and of what descends from it.</summary>
internal sealed record LayerNames
{
    public string Norm { get; init; } = "self_attn_layer_norm";

    public string Query { get; init; } = "self_attn.q_proj";

    public string Key { get; init; } = "self_attn.k_proj";

    public string Value { get; init; } = "self_attn.v_proj";

    public string Output { get; init; } = "self_attn.out_proj";

    public string CrossNorm { get; init; } = "encoder_attn_layer_norm";

    public string CrossQuery { get; init; } = "encoder_attn.q_proj";

    public string CrossKey { get; init; } = "encoder_attn.k_proj";

    public string CrossValue { get; init; } = "encoder_attn.v_proj";

    public string CrossOutput { get; init; } = "encoder_attn.out_proj";

    public string FeedForwardNorm { get; init; } = "final_layer_norm";

    /// <summary>Null: the feed-forward is not gated.</summary>
    public string? Gate { get; init; }

    public string Up { get; init; } = "fc1";

    public string Down { get; init; } = "fc2";
}
