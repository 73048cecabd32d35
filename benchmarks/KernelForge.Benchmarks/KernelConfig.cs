using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace KernelForge.Benchmarks;

/// <summary>In this process, since the kernels are compiled in it and the roofs measured in it.</summary>
internal static class KernelConfig
{
    public static IConfig Create(bool quick, Roofs roofs)
    {
        var job = Job.Default.WithToolchain(InProcessNoEmitToolchain.DontLogOutput).WithStrategy(RunStrategy.Throughput);
        if (quick)
        {
            job = job.WithWarmupCount(2).WithIterationCount(5).WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(100)).WithId("Quick");
        }
        return ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(job)
            .AddColumn(
                new ThroughputColumn("GB/s", "Bytes of weights or cache read per second", (work, seconds) => $"{work.Bytes / seconds / 1e9:F1}"),
                new ThroughputColumn("GOPS", "Multiplications and additions per second", (work, seconds) => $"{work.Operations / seconds / 1e9:F0}"),
                new ThroughputColumn("Share of roof", "Of memory, or of the arithmetic of one core, measured at the start of this run", (work, seconds) => Share(work, seconds, roofs)))
            .HideColumns(Column.Error, Column.StdDev, Column.Median);
    }

    private static string Share(Workload work, double seconds, Roofs roofs)
    {
        var (done, roof) = work switch
        {
            { BoundByMemory: true } => ((double)work.Bytes, roofs.BytesPerSecond),
            MatrixWorkload => (work.Operations, roofs.IntegerOperations),
            _ => (work.Operations, roofs.FloatOperations),
        };
        return roof == 0 ? "-" : $"{done / seconds / roof:P0}";
    }
}
