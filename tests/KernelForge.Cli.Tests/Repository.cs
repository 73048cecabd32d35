namespace KernelForge.Cli.Tests;

/// <summary>Where the tests run.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "KernelForge.sln")))
                return folder;
        }
        throw new DirectoryNotFoundException($"No KernelForge.sln above {AppContext.BaseDirectory}.");
    }
}
