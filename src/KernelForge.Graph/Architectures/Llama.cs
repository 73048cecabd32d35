using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// Llama (Touvron et al., 2023) and what is built like it, SmolLM2 and Mistral among them: pre-norm layers of grouped-query attention with
/// rotary positions and a SwiGLU feed-forward; biases, a tied head and a sliding window where the file has them.
/// </summary>
internal static class Llama
{
    public static ModelGraph? Build(ModelReader model)
    {
        var config = LlamaConfig.Read(model, "llama.");
        var names = LlamaTensors.Of(model);
        if (!names.AdjacentPairs && config.Rotary.Pairs * 2 != config.HeadSize)
        {
            model.Error(
                ProblemCodes.FeatureUnsupported,
                "Only a part of each head is rotated, which this version compiles from GGUF files only. Convert the model to GGUF.",
                "llama.rope.dimension_count");
        }

        if (model.Failed)
            return null;
        var graph = new GraphBuilder(config.Width);

        var table = model.Matrix(names.Embedding, config.Vocabulary, config.Width);
        var x = graph.Embedding("Embedding", table);
        for (var layer = 0; layer < config.Layers && !model.Failed; layer++)
        {
            graph.Layer = layer;
            x = Layer(model, graph, config, names, x);
        }

        graph.Layer = -1;
        x = graph.RmsNorm("FinalNorm", x, model.Vector(names.FinalNorm, config.Width), config.Epsilon);
        var head = IsTied(model, names) ? table : model.Matrix(names.Head, config.Vocabulary, config.Width);
        graph.Linear("Logits", x, new LinearPart("Logits", head, null, RowOrder.AsStored, 0));
        return graph.Build(model.Manifest.Architecture, config.Vocabulary, config.Context, config.Layers, config.Rotary);
    }

    private static int Layer(ModelReader model, GraphBuilder graph, LlamaConfig config, LlamaTensors names, int x)
    {
        LinearPart Part(string name, string tensor, int rows, int columns)
        {
            var path = names.InLayer(graph.Layer, tensor);
            return new LinearPart(
                name, model.Matrix(path + ".weight", rows, columns), model.OptionalVector(path + ".bias", rows), RowOrder.AsStored, 0);
        }

        int Norm(string name, string tensor, int input) =>
            graph.RmsNorm(name, input, model.Vector(names.InLayer(graph.Layer, tensor) + ".weight", config.Width), config.Epsilon);

        var queryWidth = config.Heads * config.HeadSize;
        var keyWidth = config.KeyValueHeads * config.HeadSize;
        var normed = Norm("AttentionNorm", names.AttentionNorm, x);
        var query = graph.Linear("Query", normed, Part("Query", names.Query, queryWidth, config.Width));
        var key = graph.Linear("Key", normed, Part("Key", names.Key, keyWidth, config.Width));
        var value = graph.Linear("Value", normed, Part("Value", names.Value, keyWidth, config.Width));
        var attended = graph.Attention(
            "Attention", EquatableArray.Create(query, key, value), config.Heads, config.KeyValueHeads, config.HeadSize, config.Window, names.AdjacentPairs);
        var output = graph.Linear("AttentionOutput", attended, Part("AttentionOutput", names.AttentionOutput, config.Width, queryWidth));
        x = graph.Add("AttentionResidual", x, output);

        normed = Norm("FeedForwardNorm", names.FeedForwardNorm, x);
        var gate = graph.Linear("Gate", normed, Part("Gate", names.Gate, config.Hidden, config.Width));
        var up = graph.Linear("Up", normed, Part("Up", names.Up, config.Hidden, config.Width));
        var gated = graph.Gate("SwiGlu", gate, up, Activation.Silu);
        var down = graph.Linear("Down", gated, Part("Down", names.Down, config.Width, config.Hidden));
        return graph.Add("FeedForwardResidual", x, down);
    }

    private static bool IsTied(ModelReader model, LlamaTensors names) => model.Flag("kernelforge.tied", !model.HasTensor(names.Head));
}
