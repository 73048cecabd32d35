using System.Globalization;
using System.Text;
using KernelForge.Language;

namespace KernelForge.Generator.Emission;

/// <summary>Prints indented lines; always <c>\n</c>, always invariant, so that the same plan gives the same bytes on every machine.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>One line; an empty one carries no indentation.</summary>
    public SourceWriter Line(string line = "")
    {
        if (line.Length > 0)
            _text.Append(' ', 4 * _depth).Append(line);
        _text.Append('\n');
        return this;
    }

    /// <summary>Several lines at the present depth; their own relative indentation stays.</summary>
    public SourceWriter Lines(string text)
    {
        foreach (var line in text.Replace("\r\n", "\n").TrimEnd('\n').Split('\n'))
            Line(line.TrimEnd());
        return this;
    }

    /// <summary>Opens a brace; the end of the scope closes it.</summary>
    public Scope Block(string? head = null)
    {
        if (head is not null)
            Line(head);
        Line("{");
        _depth++;
        return new(this);
    }

    /// <summary>Only indents.</summary>
    public Scope Indent()
    {
        _depth++;
        return new(this, closes: false);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>A number as people read it: 49,152.</summary>
    public static string Grouped(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number as C# reads it.</summary>
    public static string Literal(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A binary32 literal that gives the same bits back.</summary>
    public static string Literal(float value) => Shortest(value) + "f";

    /// <summary>A string literal.</summary>
    public static string Quoted(string text) => CSharpText.Of(text);

    /// <summary>Fewest digits that give the same bits back: .NET Framework's "R" is not reliable, so they are tried in turn.</summary>
    private static string Shortest(float value)
    {
        for (var digits = 1; digits <= 9; digits++)
        {
            var text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (float.Parse(text, CultureInfo.InvariantCulture).Equals(value))
                return text;
        }

        return value.ToString("G9", CultureInfo.InvariantCulture);
    }

    /// <summary>Closes what was opened.</summary>
    public readonly struct Scope(SourceWriter writer, bool closes = true) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            writer._depth--;
            if (closes)
                writer.Line("}");
        }
    }
}
