using System.Globalization;
using KernelForge.Cli.Inspection;
using Spectre.Console;

namespace KernelForge.Cli.Quantization;

/// <summary>What became of a model, for a terminal: matrices by their place in a layer, and the whole model before and after.</summary>
internal static class QuantizationTable
{
    public static void Write(IAnsiConsole console, QuantizationFacts facts)
    {
        var hasOutputs = facts.Tensors.Any(tensor => tensor.Error?.OfOutputs is not null);
        var tensors = new Table().AddColumns("tensors", "stored as", "becomes");
        foreach (var name in (string[])["count", "bytes", "largest error of weights", .. hasOutputs ? ["largest error of outputs"] : Array.Empty<string>()])
            tensors.AddColumn(name, column => column.RightAligned());
        foreach (var group in facts.Tensors.GroupBy(tensor => (Role: Role(tensor.Name), tensor.From, tensor.To)))
        {
            string[] cells =
            [
                Markup.Escape(Consoles.Printable(group.Key.Role)), Markup.Escape(group.Key.From), Markup.Escape(group.Key.To), $"{group.Count()}", $"{group.Sum(tensor => tensor.BytesAfter):N0}",
                Percent(group.Max(tensor => tensor.Error?.OfWeights)), .. hasOutputs ? [Percent(group.Max(tensor => tensor.Error?.OfOutputs))] : Array.Empty<string>(),
            ];
            tensors.AddRow(cells);
        }

        console.Write(tensors);
        var whole = new Table().AddColumns("", "before", "after");
        foreach (var (name, before, after) in Rows(facts))
            whole.AddRow(name, before, after);
        console.Write(whole);
        console.WriteLine(facts.Output);
    }

    /// <summary>The whole model's figures; those that were not measured are left out.</summary>
    public static IEnumerable<(string Name, string Before, string After)> Rows(QuantizationFacts facts)
    {
        var (before, after) = (facts.Before, facts.After);
        yield return ("bytes of weights", $"{before.Bytes:N0}", $"{after.Bytes:N0}");
        if (before.BytesPerToken is not null)
        {
            yield return ("bytes a token", $"{before.BytesPerToken:N0}", $"{after.BytesPerToken:N0}");
            yield return ($"predicted tokens/s at {facts.RoofGigabytesPerSecond:F1} GB/s", $"{before.TokensPerSecond:N1}", $"{after.TokensPerSecond:N1}");
        }

        if (before.Loss is null || after.Loss is null)
            yield break;
        yield return ("perplexity, held-out text", $"{before.Loss.Perplexity:F4}", $"{after.Loss.Perplexity:F4}");
        yield return ("KL divergence, nats a token", $"{before.Loss.Divergence:F6}", $"{after.Loss.Divergence:F6}");
    }

    /// <summary>A share with its unit; nothing for none.</summary>
    public static string Percent(double? share) => share?.ToString("0.000 %", CultureInfo.CurrentCulture) ?? string.Empty;

    // The same tensor of all layers and experts is one row: blk.*.attn_q.weight.
    private static string Role(string name) => string.Join('.', name.Split('.').Select(part => part.All(char.IsAsciiDigit) ? "*" : part));
}
