using System.Text.Json;

namespace KernelForge.Cli.Tests.Hostile;

/// <summary>One file or folder of the reference set of malformed models.</summary>
/// <param name="File">Path in the set.</param>
/// <param name="Format"><c>gguf</c>, <c>safetensors</c> or <c>model_dir</c>.</param>
/// <param name="Group">Kind of defect.</param>
/// <param name="Defect">The defect in words.</param>
/// <param name="Expected"><c>error</c>, <c>ok</c> or <c>any</c>.</param>
/// <param name="Stage">Where the defect can be seen first.</param>
/// <param name="Links">Symbolic links to create in a copy: name to target.</param>
public sealed record HostileCase(string File, string Format, string Group, string Defect, string Expected, string Stage, Dictionary<string, string>? Links)
{
    /// <summary>The cases of a folder.</summary>
    public static List<HostileCase> ReadAll(string folder) =>
        JsonSerializer.Deserialize<List<HostileCase>>(System.IO.File.ReadAllText(Path.Combine(folder, "manifest.json")), JsonSerializerOptions.Web)!;

    /// <summary>Where the case lies: in the set, or in a copy that has the links.</summary>
    public string Place(string set, ScratchFolder scratch)
    {
        if (Links is null)
            return Path.Combine(set, File);
        var copy = scratch[File];
        foreach (var source in Directory.EnumerateFiles(Path.Combine(set, File), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Path.Combine(set, File), source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            System.IO.File.Copy(source, target);
        }

        foreach (var (name, target) in Links)
            System.IO.File.CreateSymbolicLink(Path.Combine(copy, name), target);
        return copy;
    }
}
