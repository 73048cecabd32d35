using System.Text;

namespace KernelForge.Generator.ChatTemplates;

/// <summary>Collects indented lines.</summary>
internal sealed class CodeWriter(int indentation)
{
    private readonly StringBuilder _text = new();
    private int _indentation = indentation;

    /// <summary>Current depth, in steps of four spaces.</summary>
    public int Indentation => _indentation;

    /// <summary>Adds a line.</summary>
    public void Line(string line) => _text.Append(' ', _indentation * 4).Append(line).Append('\n');

    /// <summary>Adds an opening brace; what follows is indented.</summary>
    public void Open()
    {
        Line("{");
        _indentation++;
    }

    /// <summary>Adds a closing brace.</summary>
    public void Close()
    {
        _indentation--;
        Line("}");
    }

    /// <summary>Adds lines that are indented already.</summary>
    public void Append(CodeWriter other) => _text.Append(other._text);

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
