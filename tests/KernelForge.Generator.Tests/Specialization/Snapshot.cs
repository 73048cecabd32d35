using System.Runtime.CompilerServices;

namespace KernelForge.Generator.Tests.Specialization;

/// <summary>Compares text with a file beside the tests; KERNELFORGE_UPDATE_SNAPSHOTS=1 writes the file instead.</summary>
internal static class Snapshot
{
    public static void ShouldMatch(string text, string file)
    {
        var path = Path.Combine(ProjectFolder(), file);
        if (Environment.GetEnvironmentVariable("KERNELFORGE_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        text.ShouldBe(File.ReadAllText(path).Replace("\r\n", "\n", StringComparison.Ordinal));
    }

    private static string ProjectFolder([CallerFilePath] string source = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, ".."));
}
