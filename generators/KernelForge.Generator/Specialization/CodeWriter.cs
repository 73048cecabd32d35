using System.Text;

namespace KernelForge.Generator.Specialization;

/// <summary>Collects lines; braces can be put around lines that are already there, once it is known whether they are needed.</summary>
internal sealed class CodeWriter
{
    private readonly List<Line> lines = [];
    private int indent;

    /// <summary>A mark for <see cref="Enclose"/>.</summary>
    public int Mark()
    {
        lines.Add(default);
        return lines.Count - 1;
    }

    public void Write(string text) => lines.Add(new Line(indent, text));

    /// <summary>Appends to the last line, e.g. a comment.</summary>
    public void Append(string text)
    {
        var last = lines[lines.Count - 1];
        lines[lines.Count - 1] = new Line(last.Indent, last.Text + text);
    }

    /// <summary>An empty line, unless it would be the first of a block or follow another one.</summary>
    public void Separate()
    {
        var last = lines.Count - 1;
        while (last >= 0 && lines[last].Text is null)
        {
            last--;
        }
        if (last >= 0 && lines[last].Text is not ("" or "{"))
        {
            lines.Add(new Line(0, string.Empty));
        }
    }

    public void Open()
    {
        Write("{");
        indent++;
    }

    public void Close()
    {
        if (lines.Count > 0 && lines[lines.Count - 1].Text is "")
        {
            lines.RemoveAt(lines.Count - 1);
        }
        indent--;
        Write("}");
    }

    /// <summary>Puts braces around everything written since the mark.</summary>
    public void Enclose(int mark)
    {
        lines[mark] = new Line(indent, "{");
        for (var i = mark + 1; i < lines.Count; i++)
        {
            lines[i] = new Line(lines[i].Indent + 1, lines[i].Text);
        }
        Write("}");
    }

    public void WriteTo(StringBuilder output, int spaces)
    {
        foreach (var line in lines)
        {
            if (line.Text is { Length: > 0 } text)
            {
                output.Append(' ', spaces + (4 * line.Indent)).Append(text).Append('\n');
            }
            else if (line.Text is not null)
            {
                output.Append('\n');
            }
        }
    }

    private readonly struct Line(int indent, string? text)
    {
        public int Indent { get; } = indent;

        public string? Text { get; } = text;
    }
}
