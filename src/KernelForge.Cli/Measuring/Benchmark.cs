using System.Diagnostics;
using KernelForge.Cli.Output;
using KernelForge.Generator.Emission;
using KernelForge.Plans;
using KernelForge.Runtime;

namespace KernelForge.Cli.Measuring;

/// <summary>What is measured.</summary>
/// <param name="Prompt">Tokens of a prompt, or 0.</param>
/// <param name="Generate">Tokens that each session decodes, or 0.</param>
/// <param name="Repetitions">How often.</param>
/// <param name="Batch">Sessions that decode together.</param>
/// <param name="Depth">Tokens that a session holds before it decodes.</param>
internal sealed record Workload(int Prompt, int Generate, int Repetitions, int Batch, int Depth);

/// <summary>Runs a workload on random tokens: speed does not depend on them.</summary>
internal static class Benchmark
{
    // Long enough for the JIT to have compiled every kernel fully before anything is timed.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Measures a model, and the memory roof by the same threads.</summary>
    /// <exception cref="UserException">The workload does not fit the context.</exception>
    public static Measurement Run(LanguageModel model, string name, Plan plan, Workload workload, CancellationToken cancellation)
    {
        RequireContext(model, workload);
        var roof = MemoryRoof.Measure(model.Runner.Team) / 1e9;
        var prefill = workload.Prompt == 0 ? null : Sample(workload.Repetitions, () => Prefill(model, workload.Prompt, cancellation));
        using var sessions = workload.Generate == 0 ? null : new DecodeRun(model, workload, cancellation);
        var decode = sessions is null ? null : Sample(workload.Repetitions, sessions.Run);
        var cacheBytes = PlanFacts.CacheBytesRead(plan, (CacheFormat)model.Cache, workload.Depth + (workload.Generate / 2));
        var gigabytes = decode?.Average() * ((model.Description.BytesPerToken / (double)workload.Batch) + cacheBytes) / 1e9;
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
            Depth = decode is null ? null : workload.Depth,
            SessionBytesPerToken = decode is null ? null : cacheBytes,
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
        var longest = Math.Max(workload.Prompt, workload.Generate + Math.Max(1, workload.Depth));
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

    /// <summary>Random tokens.</summary>
    internal static int[] Tokens(Random random, LanguageModel model, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(model.Vocabulary))];

    /// <summary>Tokens per second of a prompt in a session of its own.</summary>
    internal static double Prefill(LanguageModel model, int count, CancellationToken cancellation)
    {
        var tokens = Tokens(new Random(1), model, count);
        using var session = model.CreateSession();
        var start = Stopwatch.GetTimestamp();
        session.PrefillGreedy(tokens, cancellation);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
