using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>
/// Divides steps among the workers of a team. Each worker starts with an equal, contiguous share, which it takes portion by portion from the front;
/// one that has finished takes from the back of another's. So a worker that is slow or was preempted costs little more than its own delay, and every
/// worker reads memory in order.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class Portions : IDisposable
{
    // A share in one word: the step it belongs to (counted from Reset, in 23 bits), the first portion that is left, the portion after the last.
    private const int IndexBits = 20;
    private const long IndexMask = (1 << IndexBits) - 1;

    // Two cache lines each, because processors fetch lines in pairs: the share, and the worker's own count of steps.
    private const int Stride = 128 / sizeof(long);

    private readonly int _workers;
    private long* _shares;

    /// <summary>Shares of <paramref name="workers"/> workers.</summary>
    public Portions(int workers)
    {
        _workers = workers;
        _shares = (long*)NativeMemory.AlignedAlloc((nuint)(2 * workers * Stride * sizeof(long)), 128);
        Reset();
    }

    /// <summary>Forgets all steps. No worker may be at work.</summary>
    public void Reset() => NativeMemory.Clear(_shares, (nuint)(2 * _workers * Stride * sizeof(long)));

    /// <summary>Begins a step. Every worker of the team calls it, equally often and with the same count.</summary>
    /// <param name="worker">Who calls.</param>
    /// <param name="count">Portions of the step, at most 2^20 - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">More portions than that.</exception>
    public void Deal(int worker, nint count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (nint)IndexMask);
        var step = ++Step(worker);
        ref var share = ref Share(worker);
        var seen = Volatile.Read(ref share);

        // A share of a later step is a thief's doing: this step's was used up before.
        while (StepOf(seen) < step)
        {
            var before = Interlocked.CompareExchange(ref share, Whole(worker, step, count), seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>Takes the next portion of the step that was dealt last.</summary>
    /// <param name="worker">Who calls.</param>
    /// <param name="count">As for <see cref="Deal"/>.</param>
    /// <returns>Its index, or -1 when none is left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Take(int worker, nint count)
    {
        ref var share = ref Share(worker);
        var step = Step(worker);
        var seen = Volatile.Read(ref share);

        // Where no barrier parts two steps, a thief may have dealt the next one already: those portions are not this step's.
        while (StepOf(seen) == step && First(seen) < End(seen))
        {
            var before = Interlocked.CompareExchange(ref share, seen + (1L << IndexBits), seen);
            if (before == seen)
                return First(seen);
            seen = before;
        }

        return Steal(worker, count);
    }

    /// <summary>Releases the shares.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_shares);
        _shares = null;
    }

    private nint Steal(int worker, nint count)
    {
        var step = Step(worker);
        for (var other = (worker + 1) % _workers; other != worker; other = (other + 1) % _workers)
        {
            ref var share = ref Share(other);
            var seen = Volatile.Read(ref share);
            while (true)
            {
                // Steps need no barrier between them. Whoever is beyond this step has left nothing of it; whoever has not come to it gets his share
                // dealt by the thief, if it was just the step before that he has nothing left of: of one that nobody dealt, all would be lost.
                var isThis = StepOf(seen) == step;
                if (!isThis && (StepOf(seen) != step - 1 || First(seen) < End(seen)))
                    break;
                var left = isThis ? seen : Whole(other, step, count);
                if (First(left) >= End(left))
                    break;
                var before = Interlocked.CompareExchange(ref share, left - 1, seen);
                if (before == seen)
                    return End(left) - 1;
                seen = before;
            }
        }

        return -1;
    }

    private long Whole(int worker, long step, nint count) =>
        (step << (2 * IndexBits)) | ((long)(count * worker / _workers) << IndexBits) | (long)(count * (worker + 1) / _workers);

    private static long StepOf(long share) => share >> (2 * IndexBits);

    private static nint First(long share) => (nint)((share >> IndexBits) & IndexMask);

    private static nint End(long share) => (nint)(share & IndexMask);

    private ref long Share(int worker) => ref _shares[2 * worker * Stride];

    private ref long Step(int worker) => ref _shares[((2 * worker) + 1) * Stride];
}
