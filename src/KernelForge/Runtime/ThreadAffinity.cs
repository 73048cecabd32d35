using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>Keeps the threads of a team on processors of their own.</summary>
internal static unsafe partial class ThreadAffinity
{
    // The size of the system's own mask, whatever the machine has (cpu_set_t).
    private const int MostProcessors = 1024;

    /// <summary>Pins every thread that a team has started, each to another core while there are any left. The thread that asks stays where the system puts it.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Pin(ThreadTeam team)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Threads are pinned on Linux only. Load the model without it (PinThreads, --pin).");
        var places = ProcessorTopology.Places();
        team.Run(worker =>
        {
            if (worker > 0)
                Pin(places[worker % places.Count]);
        });
    }

    private static void Pin(int processor)
    {
        var mask = stackalloc byte[MostProcessors / 8];
        new Span<byte>(mask, MostProcessors / 8).Clear();
        if (processor < MostProcessors)
            mask[processor / 8] = (byte)(1 << (processor % 8));
        if (SetAffinity(0, MostProcessors / 8, mask) != 0)
            throw new IOException($"The system does not keep a thread on processor {processor}: {Marshal.GetLastPInvokeErrorMessage()}. Load the model without it (PinThreads, --pin).");
    }

    /// <summary>Of the calling thread, where <paramref name="thread"/> is 0.</summary>
    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nint bytes, byte* mask);
}
