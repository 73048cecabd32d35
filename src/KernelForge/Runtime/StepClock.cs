using System.ComponentModel;
using System.Diagnostics;

namespace KernelForge.Runtime;

/// <summary>
/// How long each worker spends in each step of the plan, barriers included. Only code that was generated for it (<c>kforge bench --kernels</c>) tells it
/// anything: other code has no trace of it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class StepClock
{
    // A worker's counts stand apart from the others', because processors fetch cache lines in pairs.
    private const int Padding = 128 / sizeof(long);

    private readonly long[][] _ticks;

    /// <summary>A clock of <paramref name="steps"/> steps on <paramref name="workers"/> workers.</summary>
    public StepClock(int workers, int steps) => _ticks = [.. Enumerable.Range(0, workers).Select(_ => new long[steps + 1 + (2 * Padding)])];

    /// <summary>A pass begins.</summary>
    public void Start(int worker) => _ticks[worker][Padding] = Stopwatch.GetTimestamp();

    /// <summary>A worker has done his part of a step: the time since the last call is that step's.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="step">Steps are counted over all kinds of the plan, barriers included.</param>
    public void Mark(int worker, int step)
    {
        var ticks = _ticks[worker];
        var now = Stopwatch.GetTimestamp();
        ticks[Padding + 1 + step] += now - ticks[Padding];
        ticks[Padding] = now;
    }

    /// <summary>Forgets what was measured.</summary>
    public void Reset() => Array.ForEach(_ticks, Array.Clear);

    /// <summary>Seconds of a step, mean of the workers.</summary>
    public double Seconds(int step) => _ticks.Average(ticks => ticks[Padding + 1 + step]) / Stopwatch.Frequency;
}
