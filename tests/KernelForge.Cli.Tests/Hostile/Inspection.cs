using System.Diagnostics;
using KernelForge.Cli.Commands;
using KernelForge.Cli.Inspection;
using KernelForge.Formats.Safetensors;
using KernelForge.Plans;

namespace KernelForge.Cli.Tests.Hostile;

/// <summary>What <c>kforge inspect</c> says to a file, and what that took.</summary>
/// <param name="Refusal">The error's message, or null where the file was accepted.</param>
/// <param name="Fault">What no file may cause: an exception that is not for people, too much memory or time; or null.</param>
internal sealed record Inspection(string? Refusal, string? Fault)
{
    private const long BaseBytes = 16 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Makes the checks of the command on this thread.</summary>
    public static Inspection Of(string path)
    {
        var size = Directory.Exists(path)
            ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.LinkTarget is null).Sum(file => file.Length)
            : new FileInfo(path).Length;
        var start = Stopwatch.GetTimestamp();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var (refusal, fault) = Check(path);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var elapsed = Stopwatch.GetElapsedTime(start);

        if (elapsed > Longest)
            fault ??= $"took {elapsed.TotalSeconds:F1} s";
        if (allocated > BaseBytes + (4 * size))
            fault ??= $"allocated {allocated:N0} bytes for {size:N0}";
        if (refusal is not null && !refusal.Contains(Path.GetFileName(path), StringComparison.Ordinal))
            fault ??= $"the message does not name the file: {refusal}";
        return new Inspection(refusal, fault);
    }

    private static (string? Refusal, string? Fault) Check(string path)
    {
        try
        {
            if (path.EndsWith(".safetensors", StringComparison.Ordinal))
                SafetensorsFile.Open(path).Dispose();
            else
                ModelCheck.Check(new ModelRequest(path, ActivationMode.Int12, KeyValueFormat.F16, Context: 0, Threads: 1, UseMachineCode: false));
            return (null, null);
        }
        catch (Exception error) when (error is ModelFormatException or UserException)
        {
            return (error.Message, null);
        }
        catch (Exception error)
        {
            return (error.Message, error.ToString());
        }
    }
}
