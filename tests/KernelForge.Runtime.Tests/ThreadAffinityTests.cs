using System.Globalization;

namespace KernelForge.Runtime.Tests;

public sealed class ThreadAffinityTests
{
    [SkippableFact]
    public void Each_thread_of_a_team_stays_on_a_processor_and_the_callers_is_left_alone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "threads are pinned on Linux only");
        var places = ProcessorTopology.Places();
        var before = Allowed();
        using var team = new ThreadTeam(3);
        var allowed = new string[team.Workers];

        ThreadAffinity.Pin(team);
        team.Run(worker => allowed[worker] = Allowed());

        allowed.ShouldBe([before, Name(1), Name(2)]);
        string Name(int worker) => places[worker % places.Count].ToString(CultureInfo.InvariantCulture);
    }

    // Of the calling thread.
    private static string Allowed() =>
        File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();
}
