namespace KernelForge.EndToEnd.Tests;

/// <summary>Where tests find their models.</summary>
internal static class TestFiles
{
    /// <summary>The repository's root.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The embedded default model.</summary>
    public static string SmolLM2 => Path.Combine(Repository, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");

    /// <summary>The program that runs a model in a process of its own, built like these tests.</summary>
    public static string Worker
    {
        get
        {
            var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            return Path.Combine(Repository, "tests", "KernelForge.EndToEnd.Worker", "bin", configuration, "net10.0", "KernelForge.EndToEnd.Worker.dll");
        }
    }

    /// <summary>A file of this project's Data folder.</summary>
    public static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);

    /// <summary>A file of the large reference set, which lies beside the repository on some machines; skips the test elsewhere.</summary>
    public static string Golden(string path)
    {
        var full = Path.GetFullPath(Path.Combine(Repository, "..", "shared", "golden", path));
        Skip.IfNot(File.Exists(full), $"The reference set is not on this machine: {full}");
        return full;
    }

    private static string FindRepository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "KernelForge.sln")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException($"No KernelForge.sln above {AppContext.BaseDirectory}.");
    }
}
