using System.Globalization;

namespace KernelForge.Architectures;

/// <summary>What a kind of file calls the tensors of a BERT, without <c>.weight</c> and <c>.bias</c>. The defaults are those of a folder.</summary>
internal sealed record BertTensors
{
    public static readonly BertTensors Gguf = new()
    {
        Embedding = "token_embd", Types = "token_types", Positions = "position_embd", EmbeddingNorm = "token_embd_norm", Layers = "blk.",
        Query = "attn_q", Key = "attn_k", Value = "attn_v", QueryKeyValue = "attn_qkv", AttentionOutput = "attn_output", AttentionNorm = "attn_output_norm",
        Gate = "ffn_gate", Up = "ffn_up", Down = "ffn_down", FeedForwardNorm = "layer_output_norm",
    };

    public string Embedding { get; init; } = "embeddings.word_embeddings";

    public string Types { get; init; } = "embeddings.token_type_embeddings";

    public string Positions { get; init; } = "embeddings.position_embeddings";

    /// <summary>0, 1, 2, ... as a tensor, which older folders have.</summary>
    public string PositionIds { get; init; } = "embeddings.position_ids";

    public string EmbeddingNorm { get; init; } = "embeddings.LayerNorm";

    public string Layers { get; init; } = "encoder.layer.";

    public string Query { get; init; } = "attention.self.query";

    public string Key { get; init; } = "attention.self.key";

    public string Value { get; init; } = "attention.self.value";

    /// <summary>Query, key and value in one matrix.</summary>
    public string QueryKeyValue { get; init; } = "attention.self.Wqkv";

    public string AttentionOutput { get; init; } = "attention.output.dense";

    public string AttentionNorm { get; init; } = "attention.output.LayerNorm";

    /// <summary>Of a gated feed-forward.</summary>
    public string Gate { get; init; } = "intermediate.gate";

    public string Up { get; init; } = "intermediate.dense";

    public string Down { get; init; } = "output.dense";

    public string FeedForwardNorm { get; init; } = "output.LayerNorm";

    public string Pooler { get; init; } = "pooler.dense";

    /// <summary>Those of a folder; one of a model with a head names its parts after the model.</summary>
    public static BertTensors Of(ModelReader model, string prefix)
    {
        var plain = new BertTensors();
        if (!model.HasTensor(prefix + plain.Embedding + ".weight"))
            return plain;
        return plain with
        {
            Embedding = prefix + plain.Embedding,
            Types = prefix + plain.Types,
            Positions = prefix + plain.Positions,
            PositionIds = prefix + plain.PositionIds,
            EmbeddingNorm = prefix + plain.EmbeddingNorm,
            Layers = prefix + plain.Layers,
            Pooler = prefix + plain.Pooler,
        };
    }

    /// <summary>A tensor's path in a layer.</summary>
    public string InLayer(int layer, string tensor) => Layers + layer.ToString(CultureInfo.InvariantCulture) + "." + tensor;
}
