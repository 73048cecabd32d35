using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>What encoders share that are parts of larger models or read no text: matrices with biases where the file has them, norms, attention both ways.</summary>
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

    public int Norm(string name, int x, string tensor) => Graph.Norm(
        name, x, new Norm(NormKind, model.Vector(tensor + ".weight", config.Width), model.OptionalVector(tensor + ".bias", config.Width), config.Epsilon));

    /// <summary>Every token sees every other; of a decoder only those before it.</summary>
    public int Attention(int query, int key, int value, bool isCausal = false, RelativeBias? bias = null)
    {
        var layer = Graph.Layer;
        return Graph.Attention(id => new AttentionNode(
            id, "Attention", layer, config.Heads * config.HeadSize, EquatableArray.Create(query, key, value), config.Heads, config.KeyValueHeads, config.HeadSize,
            Scale, Window: 0, Rotary: -1, AdjacentPairs: false, IsBidirectional: !isCausal, Bias: bias));
    }

    /// <summary>Every token sees all rows of another part.</summary>
    public int CrossAttention(int query, int states, LinearPart keys, LinearPart values)
    {
        var layer = Graph.Layer;
        return Graph.CrossAttention(id => new CrossAttentionNode(
            id, "CrossAttention", layer, config.Heads * config.HeadSize, EquatableArray.Create(query, states), keys, values, config.Heads, config.KeyValueHeads, config.HeadSize, Scale));
    }

    public ModelGraph Build(params GraphOutput[] outputs) =>
        Graph.Build(model.Manifest.Architecture, config.Vocabulary, config.Context, config.Layers, default) with { Outputs = outputs.ToEquatableArray() };
}
