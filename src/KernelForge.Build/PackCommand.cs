using System.Text.RegularExpressions;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Packing;
using KernelForge.Formats.Plans;

namespace KernelForge.Build;

/// <summary>Packs the weights of every plan that the generator left in an assembly.</summary>
internal static partial class PackCommand
{
    public static int Run(string assemblyPath, string directory, string[] models, CancellationToken cancellation)
    {
        var sources = models.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        if (sources.Keys.FirstOrDefault(name => !FileName().IsMatch(name)) is { } wrong)
            return Error(assemblyPath, "KF0003", $"\"{wrong}\" is no name of a C# class, and no file can be named after it. Write identifiers with dots between, for example Class=\"Acme.SmolLM2\".");
        foreach (var compiled in PlanReader.Read(assemblyPath))
        {
            if (!sources.Remove(compiled.ClassName, out var source))
                return Mismatch(assemblyPath, $"it holds the plan of {compiled.ClassName}, and no KernelForgeModel item has this class");
            var output = Path.Combine(directory, compiled.ClassName + ".kfw");
            var start = Environment.TickCount64;
            if (Packer.Pack(compiled.Plan, source, output, new ConsoleProgress(compiled.ClassName), cancellation, conversion => Report(compiled.ClassName, source, conversion)))
                Console.WriteLine($"{compiled.ClassName}: packed {new FileInfo(output).Length / 1e6:F1} MB in {(Environment.TickCount64 - start) / 1000.0:F1} s");
        }

        return sources.Count == 0 ? 0 : Mismatch(assemblyPath, $"it holds no plan of {string.Join(", ", sources.Keys)}: did the generator run?");
    }

    private static void Report(string className, string source, TypeConversion conversion)
    {
        Console.WriteLine($"{className}: {conversion}");
        if (conversion.IsCoarse)
            Console.WriteLine($"{source} : warning KF3004: {conversion.Warning}");
    }

    private static int Mismatch(string assemblyPath, string what) =>
        Error(assemblyPath, "KF3002", $"The assembly and the project's models differ: {what}. Clean and build again.");

    private static int Error(string origin, string code, string message)
    {
        Console.Error.WriteLine($"{origin} : error {code}: {message}");
        return 1;
    }

    // The compiler checks that it is a C# name; here it must only be no path.
    [GeneratedRegex(@"^[\w.]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FileName();

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
