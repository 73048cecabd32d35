namespace KernelForge;

/// <summary>The sessions of a model would take more memory than <see cref="ModelOptions.MemoryLimit"/> allows. The session that asked is as it was, and so are all others.</summary>
public sealed class SessionMemoryException(long used, long requested, long limit) : InvalidOperationException(
    $"The sessions of this model take {used:N0} bytes, {requested:N0} more were asked for and {limit:N0} are allowed. "
    + "Dispose or truncate a session, load the model with a smaller ModelOptions.Context, or allow more by ModelOptions.MemoryLimit.")
{
    /// <summary>Bytes that the model's sessions take.</summary>
    public long Used { get; } = used;

    /// <summary>Bytes that were to be added.</summary>
    public long Requested { get; } = requested;

    /// <summary>Bytes that are allowed.</summary>
    public long Limit { get; } = limit;
}
