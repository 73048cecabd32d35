namespace KernelForge.Graphs;

/// <summary>How an encoder's authors make one vector of a text.</summary>
/// <param name="Pooling">Of which states.</param>
/// <param name="IsNormalized">Whether it gets the length 1.</param>
public sealed record TextVector(TokenPooling Pooling, bool IsNormalized);

/// <summary>Which states of tokens a text's vector is made of.</summary>
public enum TokenPooling
{
    /// <summary>The mean of all.</summary>
    Mean,

    /// <summary>The first token's.</summary>
    First,

    /// <summary>The last token's.</summary>
    Last,
}
