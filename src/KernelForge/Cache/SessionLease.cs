namespace KernelForge.Cache;

/// <summary>
/// Who uses a session: one thread at a time, which may enter again. A session that another thread disposes of meanwhile keeps its memory until it is left, so that no pass
/// runs on pages which are somebody else's already.
/// </summary>
internal sealed class SessionLease
{
    private readonly Lock _lock = new();
    private int _owner;
    private int _depth;
    private bool _ended;

    /// <summary>Whether the session was disposed of.</summary>
    public bool Ended => Volatile.Read(ref _ended);

    /// <summary>Begins to use the session.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another thread uses it.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ended, typeof(Session));
            var thread = Environment.CurrentManagedThreadId;
            if (_depth > 0 && _owner != thread)
                throw new InvalidOperationException("Another thread uses this session. A session belongs to one thread at a time: give each its own, or wait for the other.");
            _owner = thread;
            _depth++;
        }
    }

    /// <summary>Ends a use.</summary>
    /// <returns>Whether the memory is to be freed now.</returns>
    public bool Leave()
    {
        lock (_lock)
            return --_depth == 0 && _ended;
    }

    /// <summary>Ends the session; later calls change nothing.</summary>
    /// <returns>Whether the memory is to be freed now, and not by who uses it.</returns>
    public bool End()
    {
        lock (_lock)
        {
            if (_ended)
                return false;
            _ended = true;
            return _depth == 0;
        }
    }
}
