using System.Globalization;

namespace KernelForge.Runtime;

/// <summary>How many threads pay, and where: two hardware threads of one core share its vector units and its path to memory.</summary>
internal static class ProcessorTopology
{
    private const string Status = "/proc/self/status";
    private const string AllowedKey = "Cpus_allowed_list:";

    /// <summary>Physical cores that this process may use, and not more than its cgroup's quota gives it time for.</summary>
    public static int DefaultWorkers()
    {
        // ProcessorCount is the smaller of affinity and quota, both counted in hardware threads.
        var processors = Environment.ProcessorCount;
        return OperatingSystem.IsLinux() && AllowedList() is { } allowed ? DefaultWorkers(processors, allowed, ReadSiblings) : processors;
    }

    /// <summary>Processors for threads to stay on, in order: one of each core that this process may use, then second hardware threads. At least one. Of Linux.</summary>
    /// <exception cref="IOException">The system does not say which this process may use.</exception>
    public static IReadOnlyList<int> Places() => AllowedList() is { } allowed && Places(allowed, ReadSiblings) is { Count: > 0 } places
        ? places
        : throw new IOException($"{Status} does not say which processors this process may use, so that no thread can stay on one.");

    /// <summary>The rule itself.</summary>
    /// <param name="allowedList">The processors of the affinity mask.</param>
    /// <param name="siblings">The processors that share a core with the given one; null where that is not known.</param>
    internal static IReadOnlyList<int> Places(string allowedList, Func<int, string?> siblings)
    {
        var known = ParseList(allowedList).Select(processor => (Processor: processor, Siblings: siblings(processor))).ToList();
        if (known.Exists(one => one.Siblings is not null))
            known.RemoveAll(one => one.Siblings is null);
        var cores = known.GroupBy(one => CoreOf(one.Processor, one.Siblings), one => one.Processor).Select(core => core.ToArray()).ToList();
        return [.. Enumerable.Range(0, cores.Select(core => core.Length).DefaultIfEmpty().Max()).SelectMany(turn => cores.Where(core => core.Length > turn).Select(core => core[turn]))];
    }

    /// <summary>The rule itself: distinct cores among the allowed processors, at most <paramref name="processors"/>, at least one.</summary>
    /// <param name="processors">Hardware threads that affinity and quota leave.</param>
    /// <param name="allowedList">The processors of the affinity mask as Linux lists them: <c>0-3,8</c>.</param>
    /// <param name="siblings">The processors that share a core with the given one, as a list; null where that is not known.</param>
    internal static int DefaultWorkers(int processors, string allowedList, Func<int, string?> siblings)
    {
        var cores = new HashSet<int>();
        var unknown = new HashSet<int>();
        foreach (var processor in ParseList(allowedList))
        {
            if (siblings(processor) is { } list)
                cores.Add(CoreOf(processor, list));
            else
                unknown.Add(processor);
        }

        // The mask of a virtual machine may name processors that could be plugged in; the system knows no siblings of those.
        if (cores.Count == 0)
            cores = unknown;
        return cores.Count == 0 ? processors : Math.Max(1, Math.Min(processors, cores.Count));
    }

    // A core is known by its first hardware thread, whether that one is allowed or not.
    private static int CoreOf(int processor, string? siblings) => siblings is null ? processor : ParseList(siblings).DefaultIfEmpty(processor).Min();

    /// <summary>The numbers of a list such as <c>0-3,8</c>; empty where it is none.</summary>
    internal static IEnumerable<int> ParseList(string list)
    {
        foreach (var range in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var first = dash < 0 ? range : range[..dash];
            var last = dash < 0 ? range : range[(dash + 1)..];
            if (!int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from) || !int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to))
                yield break;
            for (var number = from; number <= to; number++)
                yield return number;
        }
    }

    private static string? AllowedList()
    {
        try
        {
            return File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(AllowedKey, StringComparison.Ordinal))?[AllowedKey.Length..];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? ReadSiblings(int processor)
    {
        try
        {
            return File.ReadAllText($"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Some containers hide it: then every hardware thread counts.
            return null;
        }
    }
}
