using System.Globalization;

namespace KernelForge.Cli.Measuring;

/// <summary>How much the processor's caches hold: a model that fits may be read faster than memory is.</summary>
internal static class ProcessorCaches
{
    // Where the system does not say: larger than any cache of today's desktop processors.
    private const long Unknown = 128L << 20;

    /// <summary>Bytes of the largest cache level, in all its instances that this machine shows.</summary>
    public static long Bytes()
    {
        const string processors = "/sys/devices/system/cpu";
        if (!Directory.Exists(processors))
            return Unknown;
        var caches = new Dictionary<(int Level, string Sharing), long>();
        foreach (var folder in Directory.EnumerateDirectories(processors, "cpu?*").Select(cpu => Path.Combine(cpu, "cache")).Where(Directory.Exists).SelectMany(cache => Directory.EnumerateDirectories(cache, "index*")))
        {
            if (Read(folder, "type") != "Instruction" && int.TryParse(Read(folder, "level"), CultureInfo.InvariantCulture, out var level) && Size(Read(folder, "size")) is var size and > 0)
                caches[(level, Read(folder, "shared_cpu_list"))] = size;
        }
        return caches.Count == 0 ? Unknown : caches.GroupBy(cache => cache.Key.Level).Max(level => level.Sum(cache => cache.Value));
    }

    private static string Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }

    private static long Size(string text) =>
        text.EndsWith('K') && long.TryParse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes << 10 : 0;
}
