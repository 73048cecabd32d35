namespace KernelForge.Graph.Tests;

/// <summary>Reference data that a clone does not have. Tests that need it are skipped by name where it is absent.</summary>
internal static class SharedData
{
    public static string Require(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "..", "shared", relative);
            if (Path.Exists(path))
                return Path.GetFullPath(path);
        }

        throw new SkipException($"../shared/{relative} is not on this machine.");
    }
}
