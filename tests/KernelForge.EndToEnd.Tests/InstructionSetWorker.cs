using System.Diagnostics;
using System.Globalization;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Runs a compiled model in a child process where some of the processor's features are switched off.</summary>
internal static class InstructionSetWorker
{
    /// <summary>What this processor can run.</summary>
    public static IEnumerable<SimdKind> Here => Enum.GetValues<SimdKind>().Where(kind => Processor.Has(kind.ToString()));

    /// <summary>Skips by name what this processor cannot run.</summary>
    public static void Require(SimdKind kind) => Processor.Require(kind.ToString());

    /// <summary>The same, but where this processor is not Arm an emulated one serves, which is slow.</summary>
    public static void RequireOrEmulate(SimdKind kind)
    {
        if (kind == SimdKind.AdvSimd && !Processor.Has(kind.ToString()))
            ArmEmulator.Require();
        else
            Require(kind);
    }

    /// <summary>The logits after each token, run after run.</summary>
    public static async Task<List<float[][]>> RunAsync(CompiledModel model, SimdKind kind, int[] tokens, IReadOnlyList<SessionRun> runs)
    {
        string[] host = !Processor.Has(kind.ToString()) ? ArmEmulator.Require() : [Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet"];
        string[] arguments = [TestFiles.Worker, model.AssemblyPath, model.ClassName, model.WeightsPath, kind.ToString(), string.Join(',', tokens), .. runs.Select(run => run.ToString())];
        var start = new ProcessStartInfo(host[0], [.. host[1..], .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Processor.Only(kind.ToString()))
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await error);

        var rows = SessionRuns.Rows(output.ToArray(), model.Plan.Vocabulary);
        rows.Length.ShouldBe(runs.Sum(run => run.Tokens));
        var results = new List<float[][]>();
        foreach (var run in runs)
        {
            var first = results.Sum(result => result.Length);
            results.Add(rows[first..(first + run.Tokens)]);
        }
        return results;
    }
}

/// <summary>One way to feed a sequence of tokens to a new session.</summary>
/// <param name="Cache">How keys and values are stored.</param>
/// <param name="Threads">Threads of the model.</param>
/// <param name="Chunk">Tokens that run through the model together at most.</param>
/// <param name="Pieces">Lengths of the calls.</param>
internal sealed record SessionRun(KeyValueFormat Cache, int Threads, int Chunk, params int[] Pieces)
{
    /// <summary>As in <see cref="ModelOptions"/>.</summary>
    public bool UseMachineCode { get; init; } = true;

    /// <summary>Other sessions, of other lengths, that share every pass; the tokens then come one by one.</summary>
    public int Neighbours { get; init; }

    /// <summary>Tokens of all pieces.</summary>
    public int Tokens => Pieces.Sum();

    /// <summary>As the worker reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cache}/{Threads}/{Chunk}/{UseMachineCode}/{string.Join(',', Pieces)}/{Neighbours}");
}
