using System.Text.Json;

namespace KernelForge.Sbom;

/// <summary>A package as a <c>packages.lock.json</c> holds it fast.</summary>
/// <param name="Name">Its identifier.</param>
/// <param name="Version">The version that is used.</param>
/// <param name="ContentHash">SHA-512 of its content, base64, as NuGet computes it (a signature does not count).</param>
internal sealed record LockedPackage(string Name, string Version, string ContentHash)
{
    /// <summary>The packages of some lock files, each version once, by name.</summary>
    public static IReadOnlyList<LockedPackage> ReadAll(IEnumerable<string> lockFiles) =>
        [.. lockFiles.SelectMany(Read).Distinct().OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase).ThenBy(package => package.Version, StringComparer.Ordinal)];

    private static List<LockedPackage> Read(string lockFile)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(lockFile));
        var packages = new List<LockedPackage>();
        foreach (var framework in json.RootElement.GetProperty("dependencies").EnumerateObject())
        {
            foreach (var entry in framework.Value.EnumerateObject().Where(entry => entry.Value.GetProperty("type").GetString() != "Project"))
                packages.Add(new(entry.Name, entry.Value.GetProperty("resolved").GetString()!, entry.Value.GetProperty("contentHash").GetString()!));
        }
        return packages;
    }
}
