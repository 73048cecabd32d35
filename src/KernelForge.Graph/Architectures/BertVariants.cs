using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>
/// BERT (Devlin et al., 2018): learned positions and token types, norms after each sum, a plain feed-forward, and a pooled first token. RoBERTa (Liu et al.,
/// 2019) is the same with positions that begin later in their table; Nomic's (Nussbaum et al., 2024) has rotary positions and a gated feed-forward.
/// </summary>
internal static class BertVariants
{
    public static ModelGraph? BuildGguf(ModelReader model)
    {
        model.Expect(new Key(null, "position_embedding_type"), "absolute");
        return Build(model, model.IsFolder ? BertTensors.Of(model, "bert.") : BertTensors.Gguf, 0);
    }

    public static ModelGraph? BuildRoberta(ModelReader model)
    {
        model.Expect(new Key(null, "position_embedding_type"), "absolute");
        return EncoderParts.IsFolder(model) ? Build(model, BertTensors.Of(model, "roberta."), model.Integer(new Key(null, "pad_token_id"), 0, 1 << 16, 1) + 1) : null;
    }

    public static ModelGraph? BuildNomic(ModelReader model)
    {
        if (!model.IsFolder)
            return Build(model, BertTensors.Gguf, 0);
        model.Error(ProblemCodes.FeatureUnsupported, "nomic-bert is read from GGUF files only. Use such a file of the model.", "model_type");
        return null;
    }

    /// <param name="model">The model.</param>
    /// <param name="names">Its tensors.</param>
    /// <param name="offset">Row of the first position in the table.</param>
    private static ModelGraph? Build(ModelReader model, BertTensors names, int offset)
    {
        var typeCount = model.IsFolder ? new Key(null, "type_vocab_size") : "tokenizer.ggml.token_type_count";
        var types = model.Integer(typeCount, 0, 1 << 16, (int)Math.Min(model.RowsOf(names.Types + ".weight"), 1 << 16));
        if (EncoderParts.SizesOf(model, new DecoderTensors { Embedding = names.Embedding }) is not { } config)
            return null;
        var rows = config.Context;
        config = config with { Context = Math.Max(1, rows - offset) };
        var isRotary = !model.HasTensor(names.Positions + ".weight") && model.Has(RotaryKeys.Single.Theta);
        var rotaries = isRotary ? EquatableArray.Create(RotaryReader.Read(model, RotaryKeys.Single, config.HeadSize, config.HeadSize, config.Context)) : default;
        var activation = Activations.Read(model, Activation.Gelu);
        var parts = new EncoderParts(model, config);
        var graph = parts.Graph;
        var x = graph.Embedding("Embedding", model.Matrix(names.Embedding + ".weight", config.Vocabulary, config.Width), 1);
        if (types > 0)
            x = graph.Add("EmbeddingWithType", x, graph.TokenType("TokenType", model.Matrix(names.Types + ".weight", types, config.Width)));
        if (!isRotary)
        {
            var table = names.Positions + ".weight";
            x = graph.Add("EmbeddingWithPosition", x, graph.Position(
                "Position", offset == 0 ? model.Matrix(table, rows, config.Width) : model.RowsOf(table, rows, config.Width, offset, config.Context)));
            model.Ignore(names.PositionIds);
        }

        x = parts.Norm("EmbeddingNorm", x, names.EmbeddingNorm);
        for (var layer = 0; layer < config.Layers && !model.Failed; layer++)
        {
            graph.Layer = layer;
            x = Layer(model, parts, config, names, activation, x, isRotary ? 0 : -1);
        }

        graph.Layer = -1;
        var state = new GraphOutput("last_hidden_state", x);
        if (!model.HasTensor(names.Pooler + ".weight"))
            return parts.Build(rotaries, state);
        var pooled = graph.Activate("Pooled", parts.Linear("Pooler", graph.FirstToken("FirstToken", x), names.Pooler, config.Width, config.Width), Activation.Tanh);
        return parts.Build(rotaries, state, new GraphOutput("pooler_output", pooled));
    }

    private static int Layer(ModelReader model, EncoderParts parts, DecoderConfig config, BertTensors names, Activation activation, int x, int rotary)
    {
        var (graph, width) = (parts.Graph, config.Width);
        string In(string tensor) => names.InLayer(graph.Layer, tensor);
        var (query, key, value) = Projections(model, parts, config, names, x);
        var attended = parts.Linear("AttentionOutput", parts.Attention(query, key, value, 0, rotary), In(names.AttentionOutput), width, config.Heads * config.HeadSize);
        x = parts.Norm("AttentionNorm", graph.Add("AttentionResidual", x, attended), In(names.AttentionNorm));
        var up = parts.Linear("Up", x, In(names.Up), config.Hidden, width);
        var hidden = model.HasTensor(In(names.Gate) + ".weight")
            ? graph.Gate("GatedUnit", parts.Linear("Gate", x, In(names.Gate), config.Hidden, width), up, Activation.Silu)
            : graph.Activate("Activated", up, activation);
        var fed = parts.Linear("Down", hidden, In(names.Down), width, config.Hidden);
        return parts.Norm("FeedForwardNorm", graph.Add("FeedForwardResidual", x, fed), In(names.FeedForwardNorm));
    }

    private static (int Query, int Key, int Value) Projections(ModelReader model, EncoderParts parts, DecoderConfig config, BertTensors names, int x)
    {
        var (queries, keys) = (config.Heads * config.HeadSize, config.KeyValueHeads * config.HeadSize);
        string In(string tensor) => names.InLayer(parts.Graph.Layer, tensor);
        if (!model.HasTensor(In(names.QueryKeyValue) + ".weight"))
            return (parts.Linear("Query", x, In(names.Query), queries, config.Width), parts.Linear("Key", x, In(names.Key), keys, config.Width), parts.Linear("Value", x, In(names.Value), keys, config.Width));
        int Part(string name, int first, int rows) => parts.Linear(name, x, In(names.QueryKeyValue), queries + (2 * keys), first, rows);
        return (Part("Query", 0, queries), Part("Key", queries, keys), Part("Value", queries + keys, keys));
    }
}
