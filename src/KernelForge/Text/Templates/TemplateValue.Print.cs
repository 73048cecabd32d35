using System.Globalization;

namespace KernelForge.Text;

public sealed partial class TemplateValue
{
    /// <summary>How deep lists and dictionaries may be nested.</summary>
    private const int MaximumDepth = 64;

    /// <summary>The value as a template writes it out: as Python's <c>str</c>.</summary>
    public MarkedText ToMarkedText()
    {
        if (IsText)
            return AsText;
        var builder = new MarkedTextBuilder();
        if (Kind != TemplateKind.Undefined)
            Print(builder);
        return builder.ToMarkedText();
    }

    private static string Print(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        var text = number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');

        // Python writes an exponent from 1e16 on, .NET from 1e15 or 1e17, by its version.
        if (Math.Abs(number) is >= 1e15 and < 1e17)
        {
            var format = Math.Abs(number) < 1e16 ? null : "0.################e+00";
            text = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(format, CultureInfo.InvariantCulture);
        }

        return text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }

    private void Print(MarkedTextBuilder builder)
    {
        switch (Kind)
        {
            case TemplateKind.None:
                builder.AppendTrusted("None");
                break;
            case TemplateKind.Boolean:
                builder.AppendTrusted(IsTrue ? "True" : "False");
                break;
            case TemplateKind.Integer:
                builder.AppendTrusted(_integer.ToString(CultureInfo.InvariantCulture));
                break;
            case TemplateKind.Float:
                builder.AppendTrusted(Print(_float));
                break;
            case TemplateKind.Text:
                PrintQuoted(builder);
                break;
            case TemplateKind.List:
                PrintItems(builder, "[", AsList, static (builder, item) => item.Print(builder), "]");
                break;
            case TemplateKind.Map:
                PrintItems(builder, "{", AsMap.Entries, static (builder, entry) =>
                {
                    entry.Key.Print(builder);
                    builder.AppendTrusted(": ");
                    entry.Value.Print(builder);
                }, "}");
                break;
            default:
                builder.AppendTrusted("Undefined");
                break;
        }
    }

    private static void PrintItems<T>(MarkedTextBuilder builder, string open, IReadOnlyList<T> items, Action<MarkedTextBuilder, T> print, string close)
    {
        builder.AppendTrusted(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                builder.AppendTrusted(", ");
            print(builder, items[i]);
        }

        builder.AppendTrusted(close);
    }

    /// <summary>Python's <c>repr</c> of a text: single quotes, unless only those occur in it.</summary>
    private void PrintQuoted(MarkedTextBuilder builder)
    {
        var text = AsText;
        var quote = text.Text.Contains('\'', StringComparison.Ordinal) && !text.Text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        builder.AppendTrusted([quote]);
        for (var i = 0; i < text.Length; i++)
        {
            var character = text.Text[i];
            var escape = character switch
            {
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                _ when character == quote => "\\" + quote,
                _ when char.IsControl(character) => $"\\x{(int)character:x2}",
                _ => null,
            };
            if (escape is null)
                builder.Append(text, i, 1);
            else
                builder.AppendUntrusted(escape);
        }

        builder.AppendTrusted([quote]);
    }
}
