namespace KernelForge.Kernels.Tests;

internal static class Repository
{
    /// <summary>A folder of the repository.</summary>
    public static string Root(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "KernelForge.sln")))
                return Path.Combine(at.FullName, folder);
        }

        throw new DirectoryNotFoundException($"No KernelForge.sln above {AppContext.BaseDirectory}.");
    }
}
