using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace KernelForge.Fuzz;

/// <summary>Ends the process when one input takes for ever, and leaves the number of the current input where a parent finds it after a crash.</summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>Exit code of a process that hung.</summary>
    public const int Hung = 4;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly Timer _timer;
    private Func<long, string> _describe = _ => "";
    private long _iteration;
    private long _started = Stopwatch.GetTimestamp();

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
        if (Stopwatch.GetElapsedTime(Interlocked.Read(ref _started)) < Longest)
            return;
        Console.Error.WriteLine($"FOUND (no end after {Longest.TotalSeconds:F0} s): {_describe(Interlocked.Read(ref _iteration))}");
        Environment.Exit(Hung);
    }
}
