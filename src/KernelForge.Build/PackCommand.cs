using KernelForge.Formats.Packing;
using KernelForge.Formats.Plans;

namespace KernelForge.Build;

/// <summary>Packs the weights of every plan that the generator left in an assembly.</summary>
internal static class PackCommand
{
    public static int Run(string assemblyPath, string directory, string[] models)
    {
        var sources = models.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        foreach (var compiled in PlanReader.Read(assemblyPath))
        {
            if (!sources.TryGetValue(compiled.ClassName, out var source))
                continue;
            var output = Path.Combine(directory, compiled.ClassName + ".kfw");
            var start = Environment.TickCount64;
            if (Packer.Pack(compiled.Plan, source, output, new ConsoleProgress(compiled.ClassName)))
                Console.WriteLine($"{compiled.ClassName}: packed {new FileInfo(output).Length / 1e6:F1} MB in {(Environment.TickCount64 - start) / 1000.0:F1} s");
        }

        return 0;
    }

    /// <summary>A line every two seconds: silence for short work, life signs for long.</summary>
    private sealed class ConsoleProgress(string name) : IProgress<double>
    {
        private long _next = Environment.TickCount64 + 2000;

        public void Report(double value)
        {
            var now = Environment.TickCount64;
            var next = Interlocked.Read(ref _next);
            if (now >= next && Interlocked.CompareExchange(ref _next, now + 2000, next) == next)
                Console.WriteLine($"{name}: packing {value:P0}");
        }
    }
}
