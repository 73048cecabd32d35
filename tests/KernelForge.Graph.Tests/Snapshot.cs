using System.Runtime.CompilerServices;

namespace KernelForge.Graph.Tests;

/// <summary>Reviewed text beside the tests. A test that finds another one writes what it got as <c>NAME.received</c> for a person to compare.</summary>
internal static class Snapshot
{
    public static void Match(string name, string actual)
    {
        var path = Path.Combine(Folder(), "Snapshots", name);
        var expected = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        if (expected == actual)
            return;
        File.WriteAllText(path + ".received", actual);
        actual.ShouldBe(expected, $"{path}.received holds what the code prints now; rename it over the snapshot if it is right");
    }

    private static string Folder([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;
}
