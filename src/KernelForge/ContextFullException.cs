namespace KernelForge;

/// <summary>A sequence would grow beyond the context of its session.</summary>
public sealed class ContextFullException(int used, int requested, int capacity) : InvalidOperationException(
    $"The context is full: {used} of {capacity} tokens are used and {requested} more were asked for. "
    + "Truncate or reset the session, or load the model with a larger ModelOptions.Context.")
{
    /// <summary>Tokens in the session.</summary>
    public int Used { get; } = used;

    /// <summary>Tokens that were to be added.</summary>
    public int Requested { get; } = requested;

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; } = capacity;
}
