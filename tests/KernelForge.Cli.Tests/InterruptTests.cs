using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KernelForge.Cli.Tests;

/// <summary>Ctrl-C in the middle of long work leaves nothing behind.</summary>
public sealed partial class InterruptTests : IDisposable
{
    private const int SigInt = 2;
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void An_interrupted_pack_leaves_no_file()
    {
        Skip.If(OperatingSystem.IsWindows(), "Signals are sent by kill(2), which Windows lacks.");
        Skip.If(IsIgnored(), "This test run was started with SIGINT ignored.");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "kforge.dll"), "pack", Repository.SmolLM2, "-o", _folder["packed.kfw"]])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;

        // In the midst of the weights: some are there, most are not.
        SpinWait.SpinUntil(() => process.HasExited || new DirectoryInfo(_folder.Root).GetFiles("*.part").Any(file => file.Length > 1 << 20), TimeSpan.FromSeconds(60)).ShouldBeTrue();
        process.HasExited.ShouldBeFalse("it was done before it could be interrupted");
        Kill(process.Id, SigInt);
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit(TimeSpan.FromSeconds(60)).ShouldBeTrue();

        process.ExitCode.ShouldBe(130, error);
        error.ShouldContain("interrupted");
        Directory.GetFileSystemEntries(_folder.Root).ShouldBeEmpty();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    // A shell without job control starts what runs in its background deaf to Ctrl-C, and children inherit that.
    private static bool IsIgnored() => OperatingSystem.IsLinux()
        && (Convert.ToUInt64(File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim(), 16) & 2) != 0;
}
