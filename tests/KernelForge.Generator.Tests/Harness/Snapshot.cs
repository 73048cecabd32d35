using System.Runtime.CompilerServices;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace KernelForge.Generator.Tests.Harness;

/// <summary>Compares generated text with a file in <c>Snapshots/</c>. With <c>KERNELFORGE_UPDATE_SNAPSHOTS=1</c> the file is written instead: review the change.</summary>
internal static class Snapshot
{
    private const string Update = "KERNELFORGE_UPDATE_SNAPSHOTS";

    public static void ShouldMatch(string actual, string fileName, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "Snapshots", fileName + ".txt");
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        File.Exists(path).ShouldBeTrue($"There is no snapshot {path}. Run the tests with {Update}=1 and review the new file.");
        var expected = File.ReadAllText(path).ReplaceLineEndings("\n");
        if (expected != actual)
            Assert.Fail($"Generated code differs from {path} (- expected, + generated). If that is meant, run the tests with {Update}=1 and review the change.\n{Difference(expected, actual)}");
    }

    /// <summary>Changed lines with their numbers, the first fifty of them.</summary>
    private static string Difference(string expected, string actual)
    {
        var lines = new InlineDiffBuilder(new DiffPlex.Differ()).BuildDiffModel(expected, actual).Lines.Where(line => line.Type is ChangeType.Inserted or ChangeType.Deleted);
        return string.Join('\n', lines.Take(50).Select(line => $"{(line.Type == ChangeType.Inserted ? '+' : '-')} {line.Position,5} {line.Text}"));
    }
}
