using System.Globalization;

namespace KernelForge.Cli.Inspection;

/// <summary>Which experts were used: a line for each layer that has some, a number for each of them.</summary>
internal static class ExpertReport
{
    /// <summary>Writes counts [layer][expert].</summary>
    public static void Write(IReadOnlyList<IReadOnlyList<long>> counts, TextWriter output)
    {
        output.WriteLine("tokens that each expert was chosen for, by ascending index:");
        for (var layer = 0; layer < counts.Count; layer++)
        {
            if (counts[layer].Count > 0)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"layer {layer}: {string.Join(' ', counts[layer])}"));
        }
    }
}
