using System.Diagnostics;
using KernelForge.Cli.Output;
using KernelForge.Runtime;

namespace KernelForge.Cli.Measuring;

/// <summary>What is measured.</summary>
/// <param name="Prompt">Tokens of a prompt, or 0.</param>
/// <param name="Generate">Tokens that each session decodes, or 0.</param>
/// <param name="Repetitions">How often.</param>
/// <param name="Batch">Sessions that decode together.</param>
internal sealed record Workload(int Prompt, int Generate, int Repetitions, int Batch);

/// <summary>Runs a workload on random tokens: speed does not depend on them.</summary>
internal static class Benchmark
{
    // Long enough for the JIT to have compiled every kernel fully before anything is timed.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Measures a model, and the memory roof by the same threads.</summary>
    /// <exception cref="UserException">The workload does not fit the context.</exception>
    public static Measurement Run(LanguageModel model, string name, Workload workload, CancellationToken cancellation)
    {
        RequireContext(model, workload);
        var roof = MemoryRoof.Measure(model.Runner.Team) / 1e9;
        var prefill = workload.Prompt == 0 ? null : Sample(workload.Repetitions, () => Prefill(model, workload.Prompt, cancellation));
        var decode = workload.Generate == 0 ? null : Sample(workload.Repetitions, () => Decode(model, workload, cancellation));
        var gigabytes = decode?.Average() / workload.Batch * model.Description.BytesPerToken / 1e9;
        return new Measurement
        {
            Model = name,
            InstructionSet = model.Kernels,
            Threads = model.Threads,
            Repetitions = workload.Repetitions,
            Batch = workload.Batch,
            PromptTokens = prefill is null ? null : workload.Prompt,
            PrefillTokensPerSecond = prefill?.Average(),
            PrefillSamples = prefill,
            GeneratedTokens = decode is null ? null : workload.Generate,
            DecodeTokensPerSecond = decode?.Average(),
            DecodeSamples = decode,
            BytesPerToken = model.Description.BytesPerToken,
            DecodeGigabytesPerSecond = gigabytes,
            RoofGigabytesPerSecond = roof,
            ShareOfRoof = gigabytes / roof,
            CacheBytes = ProcessorCaches.Bytes(),
        };
    }

    /// <summary>Whether the workload's sequences fit.</summary>
    /// <exception cref="UserException">They do not.</exception>
    internal static void RequireContext(LanguageModel model, Workload workload)
    {
        var longest = Math.Max(workload.Prompt, workload.Generate + 1);
        if (longest > model.Context)
            throw new UserException($"{longest} tokens do not fit the context of {model.Context}.");
    }

    private static List<double> Sample(int repetitions, Func<double> measure)
    {
        var start = Stopwatch.GetTimestamp();
        do
            measure();
        while (Stopwatch.GetElapsedTime(start) < WarmUp);
        return [.. Enumerable.Range(0, repetitions).Select(_ => measure())];
    }

    /// <summary>Tokens per second of a prompt in a session of its own.</summary>
    internal static double Prefill(LanguageModel model, int count, CancellationToken cancellation)
    {
        var random = new Random(1);
        var tokens = Enumerable.Range(0, count).Select(_ => random.Next(model.Vocabulary)).ToArray();
        using var session = model.CreateSession();
        var start = Stopwatch.GetTimestamp();
        session.PrefillGreedy(tokens, cancellation);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Tokens per second of greedy decoding, all sessions together.</summary>
    internal static double Decode(LanguageModel model, Workload workload, CancellationToken cancellation)
    {
        var random = new Random(1);
        var sessions = Enumerable.Range(0, workload.Batch).Select(_ => model.CreateSession()).ToArray();
        try
        {
            var tokens = Array.ConvertAll(sessions, session => session.PrefillGreedy([random.Next(model.Vocabulary)], cancellation));
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < workload.Generate; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                model.DecodeBatchGreedy(sessions, tokens, tokens);
            }
            return (double)workload.Batch * workload.Generate / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            Array.ForEach(sessions, session => session.Dispose());
        }
    }
}
