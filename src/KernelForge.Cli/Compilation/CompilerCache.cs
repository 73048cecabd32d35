using KernelForge.Formats.Packing;
using KernelForge.Generator;

namespace KernelForge.Cli.Compilation;

/// <summary>
/// Where compiled models stay between runs: one folder a plan and version of the tool, with the packed weights and one assembly an instruction set.
/// </summary>
internal static class CompilerCache
{
    private const string Variable = "KFORGE_CACHE";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    // Another build of the generator or the packer makes other code or bytes from the same plan.
    private static readonly string Tool =
        $"{typeof(ModelCompiler).Module.ModuleVersionId:N}"[..8] + $"{typeof(Packer).Module.ModuleVersionId:N}"[..8];

    private static string Root
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen)
                return chosen;
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "kforge", "cache");
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(cache, "kforge");
        }
    }

    /// <summary>
    /// The folder of a plan; created if need be. Those of other versions of the tool go when they were not used for a week: sooner, two versions in turn
    /// would each compile again what the other removed.
    /// </summary>
    public static string Folder(string planHash)
    {
        var name = planHash[..32];
        var folder = Path.Combine(Root, $"{name}-{Tool}");
        Directory.CreateDirectory(folder);
        Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow);
        foreach (var old in Directory.EnumerateDirectories(Root, name + "-*").Where(old => Directory.GetLastWriteTimeUtc(old) < DateTime.UtcNow - Kept))
            RemoveQuietly(old);
        return folder;
    }

    private static void RemoveQuietly(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another kforge may still use it; it goes another time.
        }
    }
}
