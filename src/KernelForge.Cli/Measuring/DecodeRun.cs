using System.Diagnostics;

namespace KernelForge.Cli.Measuring;

/// <summary>Sessions that hold the depth of a workload and decode together, from there on as often as asked.</summary>
internal sealed class DecodeRun : IDisposable
{
    private readonly LanguageModel _model;
    private readonly Workload _workload;
    private readonly CancellationToken _cancellation;
    private readonly Session[] _sessions;
    private readonly int[] _first;

    /// <summary>Fills the sessions.</summary>
    public DecodeRun(LanguageModel model, Workload workload, CancellationToken cancellation)
    {
        (_model, _workload, _cancellation) = (model, workload, cancellation);
        var random = new Random(1);
        _sessions = [.. Enumerable.Range(0, workload.Batch).Select(_ => model.CreateSession())];
        try
        {
            _first = Array.ConvertAll(_sessions, session => session.PrefillGreedy(Benchmark.Tokens(random, model, Math.Max(1, workload.Depth)), cancellation));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Tokens per second of greedy decoding, all sessions together.</summary>
    public double Run()
    {
        foreach (var session in _sessions)
            session.Truncate(Math.Max(1, _workload.Depth));
        var tokens = _first.ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < _workload.Generate; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            _model.DecodeBatchGreedy(_sessions, tokens, tokens);
        }

        return (double)_workload.Batch * _workload.Generate / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_sessions, session => session.Dispose());
}
