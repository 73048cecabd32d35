using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace KernelForge.Fuzz;

/// <summary>Ends the process when one input takes for ever, and leaves the number of the current input where a parent finds it after a crash.</summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>Exit code of a process that hung.</summary>
    public const int Hung = 4;

    // Processor time: on a busy machine others may take all of it for a while. What waits instead of working is found by the clock.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly Timer _timer;
    private Func<long, string> _describe = _ => "";
    private long _iteration;
    private long _started = Stopwatch.GetTimestamp();
    private long _watched = -1;
    private TimeSpan _worked;

    public Watchdog(string? progress)
    {
        if (progress is not null)
        {
            _file = MemoryMappedFile.CreateFromFile(progress, FileMode.OpenOrCreate, null, sizeof(long));
            _view = _file.CreateViewAccessor();
        }

        _timer = new Timer(_ => Look(), null, Longest, TimeSpan.FromSeconds(1));
    }

    /// <summary>A parser begins.</summary>
    /// <param name="describe">The find that an input of it would be.</param>
    public void Watch(Func<long, string> describe) => _describe = describe;

    /// <summary>An input begins.</summary>
    public void Begin(long iteration)
    {
        Interlocked.Exchange(ref _iteration, iteration);
        Interlocked.Exchange(ref _started, Stopwatch.GetTimestamp());
        _view?.Write(0, iteration);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _view?.Dispose();
        _file?.Dispose();
    }

    private void Look()
    {
        var iteration = Interlocked.Read(ref _iteration);
        var worked = Environment.CpuUsage.TotalTime;
        if (iteration != _watched)
        {
            _watched = iteration;
            _worked = worked;
        }
        if (worked - _worked < Longest && Stopwatch.GetElapsedTime(Interlocked.Read(ref _started)) < LongestWait)
            return;
        Console.Error.WriteLine($"FOUND (no end after {Longest.TotalSeconds:F0} s): {_describe(iteration)}");
        Environment.Exit(Hung);
    }
}
