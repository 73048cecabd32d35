using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>What the graphs of encoders share: sizes, matrices with biases where the file has them, layer norms, attention both ways.</summary>
/// <param name="model">The model.</param>
/// <param name="config">Its sizes, or those of a part.</param>
/// <param name="builder">Of the whole graph, where this is a part of it.</param>
internal sealed class EncoderParts(ModelReader model, DecoderConfig config, GraphBuilder? builder = null)
{
    public GraphBuilder Graph { get; } = builder ?? new(config.Width);

    public DecoderConfig Config => config;

    /// <summary>Of all norms.</summary>
    public NormKind NormKind { get; init; } = NormKind.Layer;

    /// <summary>Factor of the scores.</summary>
    public float Scale { get; init; } = (float)(1 / Math.Sqrt(config.HeadSize));

    /// <summary>The checked sizes of an encoder in a folder, or null.</summary>
    public static DecoderConfig? Sizes(ModelReader model, DecoderTensors names)
    {
        if (!IsFolder(model))
            return null;
        return SizesOf(model, names);
    }

    /// <summary>The checked sizes of an encoder in a folder or a GGUF file, or null.</summary>
    public static DecoderConfig? SizesOf(ModelReader model, DecoderTensors names)
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

    /// <summary>Whether the model is a folder; notes an error where it is none.</summary>
    public static bool IsFolder(ModelReader model)
    {
        if (!model.IsFolder)
        {
            model.Error(
                ProblemCodes.FeatureUnsupported,
                $"Encoders of the architecture '{model.Manifest.Architecture}' are read from folders only. Use the folder that its authors publish.", "general.architecture");
        }

        return model.IsFolder;
    }

    public int Linear(string name, int x, string tensor, int rows, int columns) => Graph.Linear(name, x, Part(name, tensor, rows, columns));

    public LinearPart Part(string name, string tensor, int rows, int columns) =>
        new(name, model.Matrix(tensor + ".weight", rows, columns), model.OptionalVector(tensor + ".bias", rows));

    /// <summary>Some rows of a matrix that holds more.</summary>
    public int Linear(string name, int x, string tensor, int all, int first, int rows)
    {
        var bias = model.OptionalVector(tensor + ".bias", all);
        return Graph.Linear(
            name, x, new LinearPart(name, model.RowsOf(tensor + ".weight", all, config.Width, first, rows), bias is null ? null : model.Part(bias, first, rows)));
    }

    public int Norm(string name, int x, string tensor) => Graph.Norm(
        name, x, new Norm(NormKind, model.Vector(tensor + ".weight", config.Width), model.OptionalVector(tensor + ".bias", config.Width), config.Epsilon));

    /// <summary>Every token sees every other, or those less than a window away; of a decoder only those before it.</summary>
    public int Attention(int query, int key, int value, int window, int rotary, bool isCausal = false, RelativeBias? bias = null)
    {
        var (layer, seen) = (Graph.Layer, window >= config.Context ? 0 : window);
        return Graph.Attention(id => new AttentionNode(
            id, "Attention", layer, config.Heads * config.HeadSize, EquatableArray.Create(query, key, value), config.Heads, config.KeyValueHeads, config.HeadSize,
            Scale, seen, rotary, AdjacentPairs: false, IsBidirectional: !isCausal, Bias: bias));
    }

    /// <summary>Every token sees all rows of another part.</summary>
    public int CrossAttention(int query, int states, LinearPart keys, LinearPart values)
    {
        var layer = Graph.Layer;
        return Graph.CrossAttention(id => new CrossAttentionNode(
            id, "CrossAttention", layer, config.Heads * config.HeadSize, EquatableArray.Create(query, states), keys, values, config.Heads, config.KeyValueHeads, config.HeadSize, Scale));
    }

    public ModelGraph Build(EquatableArray<RotaryTable> rotaries, params GraphOutput[] outputs) =>
        Graph.Build(model.Manifest.Architecture, config.Vocabulary, config.Context, config.Layers, rotaries) with { Outputs = outputs.ToEquatableArray() };
}
