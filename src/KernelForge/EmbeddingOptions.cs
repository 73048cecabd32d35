namespace KernelForge;

/// <summary>How an <see cref="EmbeddingModel"/> makes one vector of a text's tokens.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>Which states the vector is made of.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>Whether the vector gets the length 1, so that a dot product of two vectors is their cosine; null: as the model's authors do.</summary>
    public bool? Normalize { get; init; }
}

/// <summary>How the states of a text's tokens become one vector.</summary>
public enum Pooling
{
    /// <summary>As the model's authors do where its files say it (GGUF's <c>pooling_type</c>, <c>modules.json</c>); else by the model's own pooler where it has one, otherwise the mean.</summary>
    Default,

    /// <summary>The model's own: a matrix over the first token's state, then tanh (BERT).</summary>
    Pooler,

    /// <summary>The mean of all tokens' states.</summary>
    Mean,

    /// <summary>The state of the first token ([CLS]).</summary>
    First,

    /// <summary>The state of the last token.</summary>
    Last,
}
