using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>
/// BERT (Devlin et al., 2018): learned positions and token types, norms after each sum, a plain feed-forward, and a pooled first token. RoBERTa (Liu et al.,
/// 2019) is the same with positions that begin later in their table, and DistilBERT (Sanh et al., 2019) without types and pooler; Nomic's (Nussbaum et al.,
/// 2024) has rotary positions and a gated feed-forward.
/// </summary>
internal static class Bert
{
    // GGUF's names; the norms follow the sums.
    private static readonly DecoderTensors GgufTensors = DecoderTensors.Gguf with { AttentionNorm = "attn_output_norm", FeedForwardNorm = "layer_output_norm" };

    /// <summary>BERT itself.</summary>
    public static readonly Encoder Plain = new(model => Tensors(model, "bert."), (model, names) => Describe(model, names, "bert."));

    /// <summary>RoBERTa, and with other vocabularies CamemBERT and XLM-RoBERTa. GGUF has them as BERT, without the rows that are not in use.</summary>
    public static readonly Encoder Roberta = new(model => Tensors(model, "roberta."), DescribeRoberta);

    /// <summary>DistilBERT, with names of its own for options and tensors.</summary>
    public static readonly Encoder Distilled = new(DistilledTensors, DescribeDistilled);

    /// <summary>Nomic's, as GGUF has it.</summary>
    public static readonly Encoder Nomic = new(_ => GgufTensors, DescribeNomic);

    private const double DistilledEpsilon = 1e-12;

    private static DecoderTensors Tensors(ModelReader model, string name)
    {
        var prefix = Prefix(model, name);
        return !model.IsFolder ? GgufTensors : new DecoderTensors
        {
            Embedding = prefix + "embeddings.word_embeddings", TokenTypes = prefix + "embeddings.token_type_embeddings", Positions = prefix + "embeddings.position_embeddings",
            EmbeddingNorm = prefix + "embeddings.LayerNorm", Layers = prefix + "encoder.layer.",
            Query = "attention.self.query", Key = "attention.self.key", Value = "attention.self.value", AttentionOutput = "attention.output.dense",
            AttentionNorm = "attention.output.LayerNorm", Up = "intermediate.dense", Down = "output.dense", FeedForwardNorm = "output.LayerNorm",
        };
    }

    private static DecoderTensors DistilledTensors(ModelReader model)
    {
        var prefix = Prefix(model, "distilbert.");
        return Tensors(model, "distilbert.") with
        {
            Layers = prefix + "transformer.layer.",
            Query = "attention.q_lin",
            Key = "attention.k_lin",
            Value = "attention.v_lin",
            AttentionOutput = "attention.out_lin",
            AttentionNorm = "sa_layer_norm",
            Up = "ffn.lin1",
            Down = "ffn.lin2",
            FeedForwardNorm = "output_layer_norm",
        };
    }

    private static GraphDeclaration? Describe(ModelReader model, DecoderTensors names, string name, bool isRoberta = false)
    {
        model.Expect(new Key(null, "position_embedding_type"), "absolute");
        var types = TokenTypes(model, names);
        if (Encoder.Sizes(model, names) is not { } config)
            return null;
        var first = isRoberta ? model.Integer(new Key(null, "pad_token_id"), 0, Math.Max(0, config.Context - 2), 1) + 1 : 0;
        config = config with { Context = config.Context - first };
        var fed = new FeedForwardPart(config.Hidden, Activations.Read(model, Activation.Gelu), IsGated: false);
        return Declare(model, config, [.. types, new PositionsPart(first)], fed, rope: null, Prefix(model, name));
    }

    private static GraphDeclaration? DescribeRoberta(ModelReader model, DecoderTensors names) =>
        EncoderParts.IsFolder(model) ? Describe(model, names, "roberta.", isRoberta: true) : null;

    private static GraphDeclaration? DescribeDistilled(ModelReader model, DecoderTensors names)
    {
        if (!EncoderParts.IsFolder(model))
            return null;
        // A table of sinusoids is stored as one that was learned.
        model.Accept("sinusoidal_pos_embds", "tie_weights_");
        int Size(string option, int most) => model.Integer(new Key(null, option), 1, most);
        var (width, heads) = (Size("dim", 1 << 18), Size("n_heads", 4096));
        if (width % heads != 0)
            model.Error(ProblemCodes.HyperparameterContradiction, $"dim ({width}) is no multiple of n_heads ({heads}). Download the model again.", "n_heads");
        var config = new DecoderConfig(
            DecoderConfig.VocabularyOf(model, names.Embedding + ".weight"), width, model.Integer(DecoderConfig.ContextKey, 1, RotaryReader.MostContext), Size("n_layers", 4096),
            Size("hidden_dim", 1 << 22), heads, heads, width / heads, (float)DistilledEpsilon);
        var activation = new Key(null, "activation");
        var fed = new FeedForwardPart(config.Hidden, Activations.Of(model, model.Name(activation), model.Text(activation) ?? "gelu", Activation.Gelu), IsGated: false);
        return model.Failed ? null : Declare(model, config, [new PositionsPart()], fed, rope: null, Prefix(model, "distilbert."));
    }

    private static GraphDeclaration? DescribeNomic(ModelReader model, DecoderTensors names)
    {
        if (model.IsFolder)
            model.Error(ProblemCodes.FeatureUnsupported, "nomic-bert is read from GGUF files only. Use such a file of the model.", "model_type");
        var types = TokenTypes(model, names);
        if (Encoder.Sizes(model, names) is not { } config)
            return null;
        var table = RotaryReader.Read(model, RotaryKeys.Single, config.HeadSize, config.HeadSize, config.Context);
        return model.Failed ? null : Declare(
            model, config, types, new FeedForwardPart(config.Hidden), DecoderDeclaration.RopeOf(table, config.HeadSize, areNeighbours: false), prefix: string.Empty);
    }

    private static Part[] TokenTypes(ModelReader model, DecoderTensors names)
    {
        // Of a GGUF file that does not say it, the table itself does.
        const int most = 1 << 16;
        var types = model.IsFolder
            ? model.Integer(new Key(null, "type_vocab_size"), 0, most, 2)
            : model.Integer("tokenizer.ggml.token_type_count", 0, most, (int)Math.Min(model.RowsOf(names.TokenTypes + ".weight"), most));
        return types == 0 ? [] : [new TokenTypesPart(types)];
    }

    private static GraphDeclaration Declare(ModelReader model, DecoderConfig config, Part[] added, FeedForwardPart fed, Rope? rope, string prefix)
    {
        var norm = new NormPart(NormKind.Layer, config.Epsilon);
        var attention = new AttentionPart(config.Heads, config.KeyValueHeads, config.HeadSize, rope) { IsBidirectional = true };
        Part[] layer = [new ResidualPart(EquatableArray.Create<Part>(attention)), norm, new ResidualPart(EquatableArray.Create<Part>(fed)), norm with { }];
        List<Part> parts = [.. added, norm, .. Enumerable.Range(0, config.Layers).Select(index => new LayerPart(index, layer.ToEquatableArray())), new OutputPart(EncoderOutputs.State)];
        var pooler = prefix + "pooler.dense";
        if (model.HasTensor(pooler + ".weight"))
            parts.AddRange([new FirstTokenPart(), new LinearOfPart(config.Width, pooler), new ActivatePart(Activation.Tanh), new OutputPart(EncoderOutputs.Pooler)]);
        // 0, 1, 2, ... as a tensor, which older folders have.
        model.AcceptCopies(prefix + "embeddings.position_ids");
        return new GraphDeclaration(config.Vocabulary, config.Width, config.Context, parts.ToEquatableArray()) { IsEncoder = true };
    }

    // Folders of a model with a head name its parts after the model.
    private static string Prefix(ModelReader model, string name) => model.HasTensor(name + "embeddings.word_embeddings.weight") ? name : string.Empty;
}
