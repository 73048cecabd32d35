using System.Diagnostics;

namespace KernelForge.Fuzz;

/// <summary>Runs the fuzzer in a child process under a limit of address space, so that what ends a process (memory, stack, access outside a file) is seen and named.</summary>
internal static class LimitedChild
{
    // The collector reserves far more than it uses unless it is told a limit of its own.
    private const long HeapBytes = 256 << 20;

    /// <summary>Runs one parser.</summary>
    /// <returns>The child's exit code.</returns>
    public static int Run(FuzzRequest request)
    {
        var progress = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("sh")
            {
                ArgumentList =
                {
                    "-c", $"ulimit -v {request.AddressSpace * 1024}; exec \"$0\" \"$@\"", Environment.ProcessPath!, typeof(LimitedChild).Assembly.Location, request.Target,
                    "--seconds", $"{request.Time.TotalSeconds:R}", "--iterations", $"{request.Iterations}", "--seed", $"{request.Seed}", "--progress", progress,
                },
                Environment = { ["DOTNET_GCHeapHardLimit"] = $"{HeapBytes:x}" },
            };
            // Started as a program of its own, not by "dotnet": then it takes no path of an assembly.
            if (!Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.Ordinal))
                start.ArgumentList.RemoveAt(3);
            using var child = Process.Start(start)!;
            child.WaitForExit();
            if (child.ExitCode is not (0 or 1 or Watchdog.Hung))
                Console.Error.WriteLine($"FOUND (the process ended with {child.ExitCode}): {new Find(request.Target, request.Seed, BitConverter.ToInt64(File.ReadAllBytes(progress)), [], "").Reproduction}");
            return child.ExitCode;
        }
        finally
        {
            File.Delete(progress);
        }
    }
}
