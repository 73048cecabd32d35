using System.Text.Json;

namespace KernelForge.Formats.Tests;

/// <summary>Paths of test data.</summary>
internal static class TestFiles
{
    public static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);

    public static List<HostileCase> HostileCases(string folder) =>
        JsonSerializer.Deserialize<List<HostileCase>>(File.ReadAllText(Path.Combine(folder, "manifest.json")), JsonSerializerOptions.Web)!;
}

/// <summary>One malformed or odd file.</summary>
public sealed record HostileCase(string File, string Format, string Defect, string Expected, string Stage);
