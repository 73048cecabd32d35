using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>BERT (Devlin et al., 2018): learned positions and token types, norms after each sum, a plain feed-forward, and a pooled first token.</summary>
internal static class Bert
{
    /// <summary>What its folders call its tensors.</summary>
    public static DecoderTensors Tensors(ModelReader model)
    {
        var prefix = Prefix(model);
        return new DecoderTensors
        {
            Embedding = prefix + "embeddings.word_embeddings", TokenTypes = prefix + "embeddings.token_type_embeddings", Positions = prefix + "embeddings.position_embeddings",
            EmbeddingNorm = prefix + "embeddings.LayerNorm", Layers = prefix + "encoder.layer.",
            Query = "attention.self.query", Key = "attention.self.key", Value = "attention.self.value", AttentionOutput = "attention.output.dense",
            AttentionNorm = "attention.output.LayerNorm", Up = "intermediate.dense", Down = "output.dense", FeedForwardNorm = "output.LayerNorm",
        };
    }

    public static DeclaredModel? Describe(ModelReader model)
    {
        model.Expect(new Key(null, "position_embedding_type"), "absolute");
        var types = model.Integer(new Key(null, "type_vocab_size"), 1, 1 << 16, 2);
        var names = Tensors(model);
        if (EncoderParts.Sizes(model, names) is not { } config)
            return null;
        var norm = new NormPart(NormKind.Layer, config.Epsilon);
        var fed = new FeedForwardPart(config.Hidden, Activations.Read(model, Activation.Gelu), IsGated: false);
        var attention = new AttentionPart(config.Heads, config.KeyValueHeads, config.HeadSize, Rope: null) { IsBidirectional = true };
        Part[] layer = [new ResidualPart(EquatableArray.Create<Part>(attention)), norm, new ResidualPart(EquatableArray.Create<Part>(fed)), norm with { }];
        var parts = new List<Part> { new TokenTypesPart(types), new PositionsPart(), norm };
        parts.AddRange(Enumerable.Range(0, config.Layers).Select(index => new LayerPart(index, layer.ToEquatableArray())));
        parts.Add(new OutputPart("last_hidden_state"));
        var pooler = Prefix(model) + "pooler.dense";
        if (model.HasTensor(pooler + ".weight"))
            parts.AddRange([new FirstTokenPart(), new LinearOfPart(config.Width, pooler), new ActivatePart(Activation.Tanh), new OutputPart("pooler_output")]);
        return new DeclaredModel(names, new GraphDeclaration(config.Vocabulary, config.Width, config.Context, parts.ToEquatableArray()) { IsEncoder = true });
    }

    // Folders of a model with a head name its parts after the model.
    private static string Prefix(ModelReader model) => model.HasTensor("bert.embeddings.word_embeddings.weight") ? "bert." : string.Empty;
}
