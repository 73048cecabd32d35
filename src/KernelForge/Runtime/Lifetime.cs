namespace KernelForge.Runtime;

/// <summary>
/// How long a model's memory stays: until it was disposed of and nobody is in the middle of using it. Who comes later is refused, so that no thread reads what
/// is unmapped already.
/// </summary>
/// <param name="release">Gives the memory back, once, on the thread that leaves last.</param>
internal sealed class Lifetime(Action release)
{
    // The owner's use, and those under way.
    private int _uses = 1;
    private int _ended;

    /// <summary>Whether it was disposed of.</summary>
    public bool Ended => Volatile.Read(ref _ended) != 0;

    /// <summary>Begins a use, which its disposal ends.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public LifetimeUse Use()
    {
        Enter();
        return new LifetimeUse(this);
    }

    /// <summary>Begins a use, which <see cref="Leave"/> ends.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public void Enter()
    {
        for (var uses = Volatile.Read(ref _uses); ; uses = Volatile.Read(ref _uses))
        {
            ObjectDisposedException.ThrowIf(Ended || uses == 0, typeof(CompiledModel));
            if (Interlocked.CompareExchange(ref _uses, uses + 1, uses) == uses)
                return;
        }
    }

    /// <summary>Ends a use.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            release();
    }

    /// <summary>The owner lets go; later calls change nothing.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            Leave();
    }
}

/// <summary>A use of a model, to be ended by <see cref="Dispose"/>.</summary>
internal readonly struct LifetimeUse(Lifetime lifetime) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => lifetime.Leave();
}
