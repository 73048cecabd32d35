using System.Text.Json;

namespace KernelForge.Formats.Tests;

/// <summary>Paths of test data, and folders that vanish.</summary>
internal static class TestFiles
{
    public static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);

    /// <summary>The default model, which is in the repository.</summary>
    public static string SmolLM2 { get; } = Path.Combine(Repository, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");

    /// <summary>The full reference data beside the repository; not in a plain clone.</summary>
    public static string Shared(string name) => Path.Combine(Repository, "..", "shared", name);

    private static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "KernelForge.sln")))
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
            return folder;
        }
    }

    public static List<HostileCase> HostileCases(string folder) =>
        JsonSerializer.Deserialize<List<HostileCase>>(File.ReadAllText(Path.Combine(folder, "manifest.json")), JsonSerializerOptions.Web)!;
}

/// <summary>One malformed or odd file.</summary>
public sealed record HostileCase(string File, string Format, string Defect, string Expected, string Stage);

/// <summary>A folder that is deleted with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kforge-formats-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Names of what is in it.</summary>
    public string[] Files() => [.. Directory.GetFiles(Path).Select(file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
