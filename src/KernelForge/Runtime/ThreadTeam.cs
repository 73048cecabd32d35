using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace KernelForge.Runtime;

/// <summary>
/// Threads that run one forward pass together: the caller is worker 0, the others wait for it. A waiting thread spins for some microseconds
/// (the steps of a pass are that short), then yields, then sleeps, so that an idle team uses no core and a team that has fewer cores than
/// threads still moves on.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class ThreadTeam : IDisposable
{
    // About 20 us of pauses, then about 1 ms of yields on an idle core: longer than any step's imbalance, shorter than a person notices.
    private const int Spins = 300;
    private const int Yields = 1000;

    // Each counter has two cache lines of its own, because processors fetch lines in pairs.
    private const int Stride = 128 / sizeof(int);

    private readonly Lock _owner = new();
    private readonly object _bed = new();
    private Thread[] _threads;
    private readonly int* _counters;
    private readonly int* _arrived;
    private Action<int>? _job;
    private Exception? _failure;
    private volatile int _sleepers;
    private volatile bool _failed;
    private volatile bool _stopped;

    /// <summary>Starts <paramref name="workers"/> - 1 threads; 0 means one worker for each physical core that this process may use.</summary>
    /// <exception cref="IOException">The system does not give so many threads; those that it gave have ended.</exception>
    public ThreadTeam(int workers = 0) : this(workers, static thread => thread.Start())
    {
    }

    /// <summary>The same, with threads that are started in a way of the caller's.</summary>
    internal ThreadTeam(int workers, Action<Thread> start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        Workers = workers == 0 ? ProcessorTopology.DefaultWorkers() : workers;
        Portions = new Portions(Workers);
        var bytes = (nuint)((Workers + 2) * Stride * sizeof(int));
        _counters = (int*)NativeMemory.AlignedAlloc(bytes, 128);
        NativeMemory.Clear(_counters, bytes);
        _arrived = _counters + (2 * Stride);
        _threads = new Thread[Workers - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var worker = i + 1;
            var thread = new Thread(() => Serve(worker), 256 * 1024) { IsBackground = true, Name = $"KernelForge worker {worker}" };
            try
            {
                start(thread);
            }
            catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
            {
                // Those that run already must not wait for ever.
                Array.Resize(ref _threads, i);
                End();
                throw new IOException($"The system gives this process {i + 1} of the {Workers} threads that were asked for. Ask for fewer, or allow it more (ulimit -u, or the container's limit of processes).", error);
            }

            _threads[i] = thread;
        }
    }

    /// <summary>Threads that run a pass, the caller's included.</summary>
    public int Workers { get; }

    /// <summary>How the steps of a job are divided.</summary>
    public Portions Portions { get; }

    /// <summary>Threads that sleep now; an idle team's all do.</summary>
    internal int Sleepers => _sleepers;

    private ref int Generation => ref _counters[0];

    private ref int Unfinished => ref _counters[Stride];

    /// <summary>
    /// Runs <paramref name="job"/> on all workers and returns when all have ended. One job at a time: a second caller waits.
    /// </summary>
    /// <exception cref="Exception">What the first failing worker threw.</exception>
    public void Run(Action<int> job)
    {
        lock (_owner)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            for (var worker = 0; worker < Workers; worker++)
                _arrived[worker * Stride] = 0;
            Portions.Reset();
            _failed = false;
            _failure = null;
            _job = job;
            Volatile.Write(ref Unfinished, Workers - 1);
            Interlocked.Increment(ref Generation);
            WakeSleepers();
            Execute(job, 0);
            WaitForWorkers();
            _job = null;
            if (_failure is { } failure)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Waits until all workers of the pass have arrived. Every worker calls it equally often.</summary>
    public void Barrier(int worker)
    {
        var mine = _arrived + (worker * Stride);
        var target = *mine + 1;

        // The exchange is a full fence: whoever sees no sleeper here is seen by every later one before it lies down.
        Interlocked.Exchange(ref *mine, target);
        WakeSleepers();
        for (var other = 0; other < Workers; other++)
        {
            ref var arrived = ref _arrived[other * Stride];
            if (Volatile.Read(ref arrived) - target < 0)
                WaitForArrival(ref arrived, target);
        }
        if (_failed)
            throw new TeamAbortedException();
    }

    /// <summary>Ends the threads. A running job ends first.</summary>
    public void Dispose()
    {
        lock (_owner)
        {
            if (!_stopped)
                End();
        }
    }

    private void End()
    {
        _stopped = true;
        Interlocked.Increment(ref Generation);
        WakeSleepers();
        foreach (var thread in _threads)
            thread.Join();
        NativeMemory.AlignedFree(_counters);
        Portions.Dispose();
    }

    private void Serve(int worker)
    {
        var seen = 0;
        while (true)
        {
            WaitForChange(seen);
            seen++;
            if (_stopped)
                return;
            Execute(_job!, worker);
            Interlocked.Decrement(ref Unfinished);
            WakeSleepers();
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a worker throws must reach the caller; an exception that escapes a thread ends the process.")]
    private void Execute(Action<int> job, int worker)
    {
        try
        {
            job(worker);
        }
        catch (TeamAbortedException)
        {
            // Another worker's failure, which is on its way to the caller.
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, exception, null);
            _failed = true;
            Interlocked.MemoryBarrier();
            WakeSleepers();
        }
    }

    private void WaitForArrival(ref int arrived, int target)
    {
        for (var turn = 0; Volatile.Read(ref arrived) - target < 0 && !_failed; turn++)
        {
            if (Pause(turn))
                continue;
            LieDown();
            while (Volatile.Read(ref arrived) - target < 0 && !_failed)
                Monitor.Wait(_bed);
            GetUp();
        }
    }

    private void WaitForChange(int seen)
    {
        for (var turn = 0; Volatile.Read(ref Generation) == seen; turn++)
        {
            if (Pause(turn))
                continue;
            LieDown();
            while (Volatile.Read(ref Generation) == seen)
                Monitor.Wait(_bed);
            GetUp();
        }
    }

    private void WaitForWorkers()
    {
        for (var turn = 0; Volatile.Read(ref Unfinished) != 0; turn++)
        {
            if (Pause(turn))
                continue;
            LieDown();
            while (Volatile.Read(ref Unfinished) != 0)
                Monitor.Wait(_bed);
            GetUp();
        }
    }

    private void LieDown()
    {
        Monitor.Enter(_bed);
        Interlocked.Increment(ref _sleepers);
    }

    private void GetUp()
    {
        Interlocked.Decrement(ref _sleepers);
        Monitor.Exit(_bed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WakeSleepers()
    {
        if (_sleepers != 0)
            PulseAll();
    }

    private void PulseAll()
    {
        lock (_bed)
            Monitor.PulseAll(_bed);
    }

    /// <summary>Whether to look again; false: it has taken so long that sleeping is better.</summary>
    private static bool Pause(int turn)
    {
        if (turn < Spins)
        {
            if (X86Base.IsSupported)
                X86Base.Pause();
            else if (ArmBase.IsSupported)
                ArmBase.Yield();
            else
                Thread.SpinWait(1);
            return true;
        }
        Thread.Yield();
        return turn < Spins + Yields;
    }

    /// <summary>Unwinds the workers that wait for one that has failed.</summary>
    private sealed class TeamAbortedException : Exception;
}
