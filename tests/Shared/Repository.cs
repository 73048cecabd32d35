namespace KernelForge.Tests;

/// <summary>The repository that the tests were built from, and the reference data beside it.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>The model that is in the repository.</summary>
    public static string SmolLM2 => At("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");

    /// <summary>A file or folder of the repository.</summary>
    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>The folder into which a project was built, in the configuration of these tests.</summary>
    public static string Built(string project) => At($"{project}/bin/{new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name}/net10.0");

    /// <summary>A file or folder of the large reference set, which lies beside the repository on some machines; skips the test elsewhere.</summary>
    public static string Golden(string path)
    {
        var full = Path.GetFullPath(Path.Combine(Root, "..", "shared", "golden", path));
        Skip.IfNot(Path.Exists(full), $"The reference set is not on this machine: {full}");
        return full;
    }

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
