using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Inspection;
using KernelForge.Cli.Measuring;
using KernelForge.Cli.Output;
using KernelForge.Options;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge bench</c>: tokens per second, and what share of the memory roof that is.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var prompt = NumberOption.Create(512, "Prompt tokens; 0: no prefill.", "--prompt", "-p");
        var generate = NumberOption.Create(64, "Generated tokens; 0: no decode.", "--generate", "-n");
        var repetitions = NumberOption.Create(5, "Repetitions; their mean counts.", "--repetitions", "-r");
        var batch = NumberOption.Create(1, "Sessions that decode together.", "--batch");
        var depth = NumberOption.Create(0, "Tokens that a session holds before it decodes; what it reads of them counts as read.", "--depth", "-d");
        var kernels = new Option<bool>("--kernels") { Description = "Time every step of the plan instead, and show where the time goes." };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        Ranges.Require(prompt, 0, int.MaxValue);
        Ranges.Require(generate, 0, int.MaxValue);
        Ranges.Require(repetitions, 1, 10_000);
        Ranges.Require(batch, 1, 4096);
        Ranges.Require(depth, 0, int.MaxValue);
        var command = new Command("bench", "Measures prefill and decode.");
        var arguments = new ModelArguments(command);
        foreach (var option in new Option[] { prompt, generate, repetitions, batch, depth, kernels, json })
            command.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var workload = new Workload(parsed.GetValue(prompt), parsed.GetValue(generate), parsed.GetValue(repetitions), parsed.GetValue(batch), parsed.GetValue(depth));
                if (workload.Prompt == 0 && workload.Generate == 0)
                    throw new UserException("-p 0 and -n 0 leave nothing to measure.");
                var request = arguments.Read(parsed) with { Timed = parsed.GetValue(kernels) };
                if (request.Timed && workload.Batch != 1)
                    throw new UserException("--kernels times single sessions: leave --batch out.");
                var planned = ModelPlanner.Plan(request);
                using var model = ModelLoader.LoadDecoder(request, planned, cancellation);
                var name = Path.GetFileName(request.Path);
                if (request.Timed)
                    return Print(KernelBenchmark.Run(model, name, planned.Plan, workload, cancellation), parsed.GetValue(json));
                var result = Benchmark.Run(model, name, planned.Plan, workload, cancellation);
                if (parsed.GetValue(json))
                    JsonResults.Print(result, JsonResults.Default.Measurement);
                else
                    Print(result);
                return Judge(result);
            },
            cancellation));
        return command;
    }

    private static int Print(KernelTimes times, bool asJson)
    {
        if (asJson)
            JsonResults.Print(times, JsonResults.Default.KernelTimes);
        else
            KernelReport.Write(Consoles.Output(), times);
        return 0;
    }

    // A model that does not fit the caches cannot be read faster than memory is: one of the two measurements is wrong.
    private static int Judge(Measurement result)
    {
        if (result.ShareOfRoof is not > 1 || result.BytesPerToken <= result.CacheBytes)
            return 0;
        Console.Error.WriteLine($"kforge: decode reads {result.ShareOfRoof:P0} of the memory roof, which cannot be: the machine was disturbed while the roof was measured. Measure again.");
        return 1;
    }

    private static void Print(Measurement result)
    {
        Console.Out.WriteLine($"{result.Model}, {result.InstructionSet}, {result.Threads} threads, mean of {result.Repetitions}");
        if (result.PrefillTokensPerSecond is { } prefill)
            Console.Out.WriteLine($"prefill {result.PromptTokens,5}  {prefill,9:F1} tokens/s");
        if (result.DecodeTokensPerSecond is { } decode)
            Console.Out.WriteLine($"decode{(result.Depth > 0 ? $" behind {result.Depth}," : string.Empty)}  {result.GeneratedTokens,5}  {decode,9:F1} tokens/s  {result.DecodeGigabytesPerSecond:F1} GB/s of {result.RoofGigabytesPerSecond:F1} ({result.ShareOfRoof:P0})");
    }
}
