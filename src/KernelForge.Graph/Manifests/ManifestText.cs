using System.Globalization;
using System.Text;

namespace KernelForge.Manifests;

/// <summary>
/// The text form of a manifest (<c>.kfmanifest</c>): one entry a line, fields with tabs between, the same text for the same manifest on
/// every machine. The first line names the version, the last one is <c>end</c>, so that a file cut short is noticed.
/// </summary>
public static class ManifestText
{
    internal const string Version = "kfmanifest\t1";
    internal const string End = "end";

    /// <summary>Prints a manifest.</summary>
    public static string Write(Manifest manifest)
    {
        var text = new StringBuilder(4096 + (manifest.Tensors.Count * 64));
        Line(text, Version);
        Line(text, "source", Escape(manifest.Source.FileName), Number(manifest.Source.Length), Escape(manifest.Source.Stamp));
        Line(text, "architecture", Escape(manifest.Architecture));
        foreach (var entry in manifest.Metadata)
            Line(text, "meta", Escape(entry.Key), entry.Type.ToString(), Escape(entry.Text));
        foreach (var tensor in manifest.Tensors)
        {
            Line(
                text, "tensor", Escape(tensor.Name), Number(tensor.Type), string.Join("x", tensor.Shape.Select(Number)),
                Number(tensor.Offset), Number(tensor.Length));
        }

        return Line(text, End).ToString();
    }

    /// <summary>Prints what stands in place of a manifest when the model file could not be described.</summary>
    public static string WriteProblem(ModelProblem problem, string fileName)
    {
        var text = new StringBuilder();
        Line(text, Version);
        Line(text, "source", Escape(fileName), "0", string.Empty);
        Line(text, "problem", Escape(problem.Code), Escape(problem.Message), Escape(problem.Where ?? string.Empty));
        return Line(text, End).ToString();
    }

    /// <summary>Reads either form. Damaged text gives <see cref="ProblemCodes.ManifestDamaged"/> with the line; nothing is thrown for it.</summary>
    public static ManifestReadResult Read(string text) => new ManifestTextReader(text).Read();

    private static StringBuilder Line(StringBuilder text, params string[] fields)
    {
        for (var i = 0; i < fields.Length; i++)
            text.Append(i == 0 ? string.Empty : "\t").Append(fields[i]);
        return text.Append('\n');
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Keeps a field on its line and in its column. Lone surrogates are escaped too: they would not survive UTF-8.</summary>
    private static string Escape(string field)
    {
        StringBuilder? escaped = null;
        for (var i = 0; i < field.Length; i++)
        {
            var c = field[i];
            if (char.IsHighSurrogate(c) && i + 1 < field.Length && char.IsLowSurrogate(field[i + 1]))
            {
                escaped?.Append(c).Append(field[i + 1]);
                i++;
                continue;
            }

            if (IsPlain(c))
            {
                escaped?.Append(c);
                continue;
            }

            escaped ??= new StringBuilder(field, 0, i, field.Length + 16);
            escaped.Append(c switch
            {
                '\\' => "\\\\",
                '\t' => "\\t",
                '\n' => "\\n",
                '\r' => "\\r",
                _ => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
            });
        }

        return escaped?.ToString() ?? field;
    }

    private static bool IsPlain(char c) =>
        c >= ' ' && c is not ('\\' or '\u007f' or '\u0085' or '\u2028' or '\u2029' or '\ufeff') && !char.IsSurrogate(c);
}
