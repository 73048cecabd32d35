using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Runs a compiled model in a child process where some of the processor's features are switched off.</summary>
internal static class InstructionSetWorker
{
    /// <summary>What the runtime is told to leave unused, so that an instruction set is the best that is left.</summary>
    private static readonly Dictionary<SimdKind, string[]> SwitchedOff = new()
    {
        [SimdKind.Avx512] = [],
        [SimdKind.Avx2Vnni] = ["DOTNET_EnableAVX512"],
        [SimdKind.Avx2] = ["DOTNET_EnableAVX512", "DOTNET_EnableAVXVNNI"],
        [SimdKind.AdvSimd] = [],
        [SimdKind.Portable] = ["DOTNET_EnableAVX2", "DOTNET_EnableArm64Dp"],
    };

    /// <summary>What this processor can run.</summary>
    public static IEnumerable<SimdKind> Here => Enum.GetValues<SimdKind>().Where(Runs);

    /// <summary>Skips by name what this processor cannot run.</summary>
    public static void Require(SimdKind kind) => Skip.IfNot(Runs(kind), $"This processor has no {kind}.");

    /// <summary>The same, but where this processor is not Arm an emulated one serves, which is slow.</summary>
    public static void RequireOrEmulate(SimdKind kind)
    {
        if (kind == SimdKind.AdvSimd && !Runs(kind))
            ArmEmulator.Require();
        else
            Require(kind);
    }

    /// <summary>The logits after each token, run after run.</summary>
    public static async Task<List<float[][]>> RunAsync(CompiledModel model, SimdKind kind, int[] tokens, IReadOnlyList<SessionRun> runs)
    {
        string[] host = !Runs(kind) ? ArmEmulator.Require() : [Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet"];
        string[] arguments = [TestFiles.Worker, model.AssemblyPath, model.ClassName, model.WeightsPath, kind.ToString(), string.Join(',', tokens), .. runs.Select(run => run.ToString())];
        var start = new ProcessStartInfo(host[0], [.. host[1..], .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in SwitchedOff[kind])
            start.Environment[name] = "0";

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

    private static bool Runs(SimdKind kind) => kind switch
    {
        SimdKind.Avx512 => Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported,
        SimdKind.Avx2Vnni => AvxVnni.IsSupported,
        SimdKind.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        SimdKind.AdvSimd => Dp.Arm64.IsSupported,
        _ => true,
    };
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
