namespace KernelForge.Cache;

/// <summary>The native memory that the sessions of a model take together, and its limit in bytes; 0: none.</summary>
internal sealed class MemoryBudget(long limit = 0)
{
    private long _used;

    /// <summary>Bytes taken now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Of all pools that take from it: any of them may be asked to give back while another one takes.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Gives back what is kept for later, when what is left is not enough.</summary>
    public Action? Reclaim { get; set; }

    /// <summary>Takes bytes.</summary>
    /// <exception cref="SessionMemoryException">There are not so many left; none were taken.</exception>
    public void Take(long bytes)
    {
        if (TryTake(bytes))
            return;
        Reclaim?.Invoke();
        if (!TryTake(bytes))
            throw new SessionMemoryException(Used, bytes, limit);
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _used, -bytes);

    private bool TryTake(long bytes)
    {
        // Never more than the limit, not for a moment: somebody else's bytes may fit where these do not.
        for (var used = Used; limit == 0 || bytes <= limit - used; used = Used)
        {
            if (Interlocked.CompareExchange(ref _used, used + bytes, used) == used)
                return true;
        }

        return false;
    }
}
