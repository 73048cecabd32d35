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
                return Path.Combine(Home(Environment.SpecialFolder.LocalApplicationData), "kforge", "cache");
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Home(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(cache, "kforge");
        }
    }

    /// <summary>
    /// The folder of a plan; created if need be. Those of other versions of the tool go when they were not used for a week: sooner, two versions in turn
    /// would each compile again what the other removed.
    /// </summary>
    /// <exception cref="UserException">There is no place for it, or none that can be written.</exception>
    public static string Folder(string planHash)
    {
        var root = Root;
        var name = planHash[..32];
        var folder = Path.Combine(root, $"{name}-{Tool}");
        try
        {
            Directory.CreateDirectory(folder);
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The folder {root}, where compiled models are kept, cannot be written: {error.Message} Set {Variable} to a folder of your own.");
        }

        foreach (var old in Directory.EnumerateDirectories(root, name + "-*").Where(old => Directory.GetLastWriteTimeUtc(old) < DateTime.UtcNow - Kept))
            RemoveQuietly(old);
        return folder;
    }

    // Code is loaded from there: never from the folder that somebody happens to be in.
    private static string Home(Environment.SpecialFolder which) =>
        Environment.GetFolderPath(which, Environment.SpecialFolderOption.DoNotVerify) is { } home && Path.IsPathFullyQualified(home)
            ? home
            : throw new UserException($"There is no home folder in which compiled models could be kept. Set {Variable} to a folder of your own.");

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
