using KernelForge.Cli.Output;
using KernelForge.Generator.Emission;
using KernelForge.Plans;
using KernelForge.Runtime;

namespace KernelForge.Cli.Measuring;

/// <summary>Times every step of a model's plan, in code that was generated for it: each step tells a clock when it is done.</summary>
internal static class KernelBenchmark
{
    /// <summary>Steps of decoding and of prefill, each half sorted by time.</summary>
    /// <exception cref="UserException">The workload does not fit the context.</exception>
    public static KernelTimes Run(LanguageModel model, string name, Plan plan, Workload workload, CancellationToken cancellation)
    {
        Benchmark.RequireContext(model, workload);
        var clock = new StepClock(model.Threads, plan.Kinds.Sum(kind => kind.Steps.Count));
        model.Runner.Clock = clock;
        var roof = MemoryRoof.Measure(model.Runner.Team) / 1e9;
        using var sessions = workload.Generate == 0 ? null : new DecodeRun(model, workload, cancellation);
        return new KernelTimes
        {
            Model = name,
            InstructionSet = model.Kernels,
            Threads = model.Threads,
            RoofGigabytesPerSecond = roof,
            Decode = sessions is null ? [] : Measure(isDecode: true, workload.Generate, sessions.Run),
            Prefill = workload.Prompt == 0 ? [] : Measure(isDecode: false, workload.Prompt, () => Benchmark.Prefill(model, workload.Prompt, cancellation)),
        };

        List<KernelTime> Measure(bool isDecode, int tokens, Func<double> once)
        {
            once();
            clock.Reset();
            for (var i = 0; i < workload.Repetitions; i++)
                once();
            return Steps(plan, clock, tokens * workload.Repetitions, isDecode ? roof : null);
        }
    }

    private static List<KernelTime> Steps(Plan plan, StepClock clock, int tokens, double? roof)
    {
        var steps = new List<KernelTime>();
        var waiting = 0.0;
        var number = 0;
        for (var kind = 0; kind < plan.Kinds.Count; kind++)
        {
            var calls = plan.Calls.Where(call => call.Kind == kind).ToArray();

            // Of a prompt, what follows the choice of rows works on its last token only.
            var isOfAll = roof is not null || !plan.Kinds[kind].Steps.Any(step => step is SelectStep);
            foreach (var step in plan.Kinds[kind].Steps)
            {
                var seconds = clock.Seconds(number++) / tokens;
                if (step is BarrierStep)
                {
                    waiting += seconds;
                    continue;
                }

                var bytes = calls.Sum(call => PlanFacts.BytesRead(plan, call, step));
                var operations = !isOfAll ? 0 : calls.Sum(call => PlanFacts.Operations(plan, call, step));
                double? gigabytes = roof is null || bytes == 0 || seconds == 0 ? null : bytes / seconds / 1e9;
                steps.Add(new KernelTime
                {
                    Kind = plan.Kinds[kind].Name,
                    Step = step.Name,
                    Kernel = PlanPrinter.Describe(plan, step, PlanFacts.BlockOf(plan, kind)),
                    Calls = calls.Length,
                    Microseconds = seconds * 1e6,
                    GigabytesPerSecond = gigabytes,
                    ShareOfRoof = gigabytes / roof,
                    GigaOperationsPerSecond = operations == 0 || seconds == 0 ? null : operations / seconds / 1e9,
                });
            }
        }

        steps.Add(new KernelTime { Kind = "all", Step = "Barriers", Kernel = "waiting for other workers", Calls = plan.Calls.Count, Microseconds = waiting * 1e6 });
        return [.. steps.OrderByDescending(step => step.Microseconds)];
    }
}
