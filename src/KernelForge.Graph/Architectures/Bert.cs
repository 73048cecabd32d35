using System.Globalization;
using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>BERT (Devlin et al., 2018): learned positions and token types, norms after each sum, a plain feed-forward, and a pooled first token.</summary>
internal static class Bert
{
    public static ModelGraph? Build(ModelReader model)
    {
        // Folders of a model with a head name its parts after the model.
        var prefix = model.HasTensor("bert.embeddings.word_embeddings.weight") ? "bert." : string.Empty;
        model.Expect(new Key(null, "position_embedding_type"), "absolute");
        var types = model.Integer(new Key(null, "type_vocab_size"), 1, 1 << 16, 2);
        if (EncoderParts.Sizes(model, prefix + "embeddings.word_embeddings") is not { } config)
            return null;
        var activation = Activations.Read(model, Activation.Gelu);
        var parts = new EncoderParts(model, config);
        var graph = parts.Graph;
        var embeddings = prefix + "embeddings.";
        var x = graph.Embedding("Embedding", model.Matrix(embeddings + "word_embeddings.weight", config.Vocabulary, config.Width), 1);
        x = graph.Add("EmbeddingWithType", x, graph.TokenType("TokenType", model.Matrix(embeddings + "token_type_embeddings.weight", types, config.Width)));
        x = graph.Add("EmbeddingWithPosition", x, graph.Position("Position", model.Matrix(embeddings + "position_embeddings.weight", config.Context, config.Width)));
        x = parts.Norm("EmbeddingNorm", x, embeddings + "LayerNorm");
        for (var layer = 0; layer < config.Layers && !model.Failed; layer++)
        {
            graph.Layer = layer;
            x = Layer(parts, config, activation, x, prefix + "encoder.layer." + layer.ToString(CultureInfo.InvariantCulture) + ".");
        }

        graph.Layer = -1;
        var state = new GraphOutput("last_hidden_state", x);
        var pooler = prefix + "pooler.dense";
        if (!model.HasTensor(pooler + ".weight"))
            return parts.Build(default, state);
        var pooled = graph.Activate("Pooled", parts.Linear("Pooler", graph.FirstToken("FirstToken", x), pooler, config.Width, config.Width), Activation.Tanh);
        return parts.Build(default, state, new GraphOutput("pooler_output", pooled));
    }

    private static int Layer(EncoderParts parts, DecoderConfig config, Activation activation, int x, string path)
    {
        var (width, attention) = (config.Width, path + "attention.");
        int Part(string name, string tensor, int heads) => parts.Linear(name, x, attention + "self." + tensor, heads * config.HeadSize, width);
        var (query, key, value) = (Part("Query", "query", config.Heads), Part("Key", "key", config.KeyValueHeads), Part("Value", "value", config.KeyValueHeads));
        var attended = parts.Linear("AttentionOutput", parts.Attention(query, key, value, 0, -1), attention + "output.dense", width, config.Heads * config.HeadSize);
        x = parts.Norm("AttentionNorm", parts.Graph.Add("AttentionResidual", x, attended), attention + "output.LayerNorm");
        var hidden = parts.Graph.Activate("Activated", parts.Linear("Up", x, path + "intermediate.dense", config.Hidden, width), activation);
        var fed = parts.Linear("Down", hidden, path + "output.dense", width, config.Hidden);
        return parts.Norm("FeedForwardNorm", parts.Graph.Add("FeedForwardResidual", x, fed), path + "output.LayerNorm");
    }
}
