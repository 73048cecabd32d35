namespace KernelForge;

/// <summary>What an <see cref="EmbeddingModel"/> computes for one text.</summary>
public sealed class EncodedText
{
    private readonly float[] _states;
    private readonly float[]? _pooled;

    internal EncodedText(float[] states, float[]? pooled, int width)
    {
        (_states, _pooled, Width) = (states, pooled, width);
    }

    /// <summary>Values of a token's state.</summary>
    public int Width { get; }

    /// <summary>[tokens, <see cref="Width"/>] the last hidden state of each token.</summary>
    public ReadOnlyMemory<float> States => _states;

    /// <summary>What the model's pooler makes of the first token's state; empty where it has none.</summary>
    public ReadOnlyMemory<float> Pooled => _pooled;

    /// <summary>[<see cref="Width"/>] the state of one token.</summary>
    public ReadOnlySpan<float> State(int token) => _states.AsSpan(token * Width, Width);
}
