using KernelForge.Formats.Gguf;
using KernelForge.Manifests;
using Spectre.Console;

namespace KernelForge.Cli.Inspection;

/// <summary>What the model file says: hyper-parameters, and tensors by role and type.</summary>
internal static class ModelReport
{
    private const int LongestValue = 60;

    public static void Write(IAnsiConsole console, Manifest manifest)
    {
        var facts = new Table().AddColumns("architecture", manifest.Architecture);
        facts.AddRow("file", Markup.Escape(Consoles.Printable($"{manifest.Source.FileName}, {manifest.Source.Length:N0} bytes")));
        foreach (var entry in manifest.Metadata.Where(entry => entry.Key.StartsWith(manifest.Architecture + ".", StringComparison.Ordinal) || entry.Key.StartsWith("config.", StringComparison.Ordinal) || entry.Key.StartsWith("kernelforge.", StringComparison.Ordinal)))
            facts.AddRow(Markup.Escape(Consoles.Printable(entry.Key)), Markup.Escape(Shown(entry)));
        console.Write(facts);

        var tensors = new Table().AddColumns("tensors", "type", "shape", "count", "bytes");
        foreach (var group in manifest.Tensors.GroupBy(tensor => (Role: Role(tensor.Name), tensor.Type, Shape: string.Join(" x ", tensor.Shape))))
            tensors.AddRow(Markup.Escape(Consoles.Printable(group.Key.Role)), GgmlType.NameOf(group.Key.Type), group.Key.Shape, $"{group.Count()}", $"{group.Sum(tensor => tensor.Length):N0}");
        console.Write(tensors);
    }

    private static string Shown(MetadataEntry entry)
    {
        var text = Consoles.Printable(entry.Text);
        return text.Length <= LongestValue ? text : $"{text[..LongestValue]}... ({text.Length:N0} characters)";
    }

    // The same tensor of all layers is one row: blk.*.attn_q.weight.
    private static string Role(string name)
    {
        var parts = name.Split('.');
        return parts.Length > 2 && parts[1].All(char.IsAsciiDigit) ? string.Join('.', parts.Select((part, i) => i == 1 ? "*" : part)) : name;
    }
}
