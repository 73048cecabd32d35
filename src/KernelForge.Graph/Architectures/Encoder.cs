using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>An encoder of texts: what its weights call their tensors, and what it computes, said in the graph language.</summary>
/// <param name="Tensors">The names in a model's weights, whether or not its hyper-parameters are sound.</param>
/// <param name="Describe">The declaration over tensors of these names, or null where the reader has noted an error.</param>
internal sealed record Encoder(Func<ModelReader, DecoderTensors> Tensors, Func<ModelReader, DecoderTensors, GraphDeclaration?> Describe)
{
    /// <summary>The checked sizes that encoders name as decoders do, or null.</summary>
    public static DecoderConfig? Sizes(ModelReader model, DecoderTensors names)
    {
        var causal = new Key("attention.causal");
        if (model.Flag(causal, fallback: false))
            model.Error(ProblemCodes.FeatureUnsupported, $"{model.Name(causal)} is true; this version compiles the architecture as an encoder only. Use a model of a decoder's architecture.", model.Name(causal));
        if (model.Flag(new Key(null, "is_decoder"), fallback: false) || model.Flag(new Key(null, "add_cross_attention"), fallback: false))
            model.Error(ProblemCodes.FeatureUnsupported, "is_decoder or add_cross_attention is true; this version compiles the architecture as an encoder only. Use a model of a decoder's architecture.", "is_decoder");
        model.AcceptBiases();
        var config = DecoderConfig.Read(model, new Decoder { Norm = NormKind.Layer }, names);
        return model.Failed ? null : config;
    }
}
