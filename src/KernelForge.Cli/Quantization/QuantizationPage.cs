using System.Globalization;
using System.Net;
using System.Text;

namespace KernelForge.Cli.Quantization;

/// <summary>What became of a model, as one HTML page that needs nothing else: every tensor with its errors, the whole model before and after.</summary>
internal static class QuantizationPage
{
    private const string Style = """
        body { font: 14px system-ui, sans-serif; margin: 2em auto; max-width: 80em; padding: 0 1em; color: #222; background: #fff }
        table { border-collapse: collapse; margin: 1em 0 2em; width: 100% }
        th, td { border-bottom: 1px solid #ddd; padding: .25em .6em; text-align: left }
        th.n, td.n { text-align: right; font-variant-numeric: tabular-nums }
        td.bar { background: linear-gradient(#9bd, #9bd) no-repeat right / var(--share) 100% }
        """;

    /// <summary>The page.</summary>
    public static string Write(QuantizationFacts facts)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>").Append(Text(facts.Model)).Append(", quantized</title>\n<style>\n")
            .Append(Style).Append("\n</style>\n</head>\n<body>\n<h1>").Append(Text(facts.Model)).Append(", quantized</h1>\n");
        page.Append("<table>\n<tr><th></th><th class=\"n\">before</th><th class=\"n\">after</th></tr>\n");
        foreach (var (name, before, after) in QuantizationTable.Rows(facts))
            page.Append("<tr><td>").Append(Text(name)).Append("</td><td class=\"n\">").Append(Text(before)).Append("</td><td class=\"n\">").Append(Text(after)).Append("</td></tr>\n");
        page.Append("</table>\n");
        WriteTensors(page, facts.Tensors);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void WriteTensors(StringBuilder page, IReadOnlyList<TensorFacts> tensors)
    {
        var hasOutputs = tensors.Any(tensor => tensor.Error?.OfOutputs is not null);
        var (mostWeights, mostOutputs) = (tensors.Max(tensor => tensor.Error?.OfWeights ?? 0), tensors.Max(tensor => tensor.Error?.OfOutputs ?? 0));
        page.Append("<table>\n<tr><th>tensor</th><th>shape</th><th>stored as</th><th>becomes</th><th class=\"n\">bytes before</th><th class=\"n\">bytes after</th><th class=\"n\">error of weights</th>")
            .Append(hasOutputs ? "<th class=\"n\">error of outputs</th>" : string.Empty).Append("</tr>\n");
        foreach (var tensor in tensors)
        {
            page.Append("<tr><td>").Append(Text(tensor.Name)).Append("</td><td>").Append(Text(tensor.Shape)).Append("</td><td>").Append(Text(tensor.From))
                .Append("</td><td>").Append(Text(tensor.To)).Append("</td><td class=\"n\">").Append(Text($"{tensor.BytesBefore:N0}")).Append("</td><td class=\"n\">").Append(Text($"{tensor.BytesAfter:N0}")).Append("</td>");
            Bar(page, tensor.Error?.OfWeights, mostWeights);
            if (hasOutputs)
                Bar(page, tensor.Error?.OfOutputs, mostOutputs);
            page.Append("</tr>\n");
        }

        page.Append("</table>\n");
    }

    private static void Bar(StringBuilder page, double? error, double most) => page.Append("<td class=\"n bar\" style=\"--share:")
        .Append(((error ?? 0) / Math.Max(most, double.Epsilon) * 100).ToString("0.#", CultureInfo.InvariantCulture)).Append("%\">").Append(QuantizationTable.Percent(error)).Append("</td>");

    // Names come from the file: a browser must not obey them.
    private static string Text(string text) => WebUtility.HtmlEncode(string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)));
}
