using System.Globalization;

namespace KernelForge.Text;

public sealed partial class TemplateValue
{
    /// <summary>JSON as Python's <c>json.dumps</c> writes it, without escapes for characters beyond ASCII; indented by so many spaces if asked.</summary>
    public TemplateValue ToJson(TemplateValue? indent = null)
    {
        var builder = new MarkedTextBuilder();
        WriteJson(builder, indent is null || indent.IsNone ? -1 : (int)Math.Clamp(indent.Integer("an indentation"), 0, 16), 0);
        return FromText(builder.ToMarkedText());
    }

    private void WriteJson(MarkedTextBuilder builder, int indent, int depth)
    {
        switch (Kind)
        {
            case TemplateKind.None:
                builder.AppendTrusted("null");
                break;
            case TemplateKind.Boolean:
                builder.AppendTrusted(IsTrue ? "true" : "false");
                break;
            case TemplateKind.Integer or TemplateKind.Float:
                builder.Append(ToMarkedText());
                break;
            case TemplateKind.Text:
                WriteJsonText(builder);
                break;
            case TemplateKind.List:
                WriteJsonItems(builder, "[", AsList, static (builder, item, indent, depth) => item.WriteJson(builder, indent, depth), "]", indent, depth);
                break;
            case TemplateKind.Map:
                WriteJsonItems(builder, "{", AsMap.Entries, static (builder, entry, indent, depth) =>
                {
                    entry.Key.ToText().WriteJsonText(builder);
                    builder.AppendTrusted(": ");
                    entry.Value.WriteJson(builder, indent, depth);
                }, "}", indent, depth);
                break;
            default:
                throw Unfit("cannot be written as JSON");
        }
    }

    private static void WriteJsonItems<T>(
        MarkedTextBuilder builder, string open, IReadOnlyList<T> items, Action<MarkedTextBuilder, T, int, int> write, string close, int indent, int depth)
    {
        builder.AppendTrusted(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                builder.AppendTrusted(indent < 0 ? ", " : ",");
            BreakLine(builder, indent, depth + 1);
            write(builder, items[i], indent, depth + 1);
        }

        if (items.Count > 0)
            BreakLine(builder, indent, depth);
        builder.AppendTrusted(close);
    }

    private static void BreakLine(MarkedTextBuilder builder, int indent, int depth)
    {
        if (indent >= 0)
            builder.AppendTrusted("\n" + new string(' ', indent * depth));
    }

    private void WriteJsonText(MarkedTextBuilder builder)
    {
        var text = AsText;
        builder.AppendTrusted("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var escape = text.Text[i] switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                '\b' => @"\b",
                '\f' => @"\f",
                < ' ' and var control => "\\u" + ((int)control).ToString("x4", CultureInfo.InvariantCulture),
                _ => null,
            };
            if (escape is null)
                builder.Append(text, i, 1);
            else
                builder.AppendUntrusted(escape);
        }

        builder.AppendTrusted("\"");
    }
}
