using System.Text;

namespace KernelForge.Language;

/// <summary>Prints calls of the graph language: a chain with a call on each line, arguments by name, what is left to its default left out.</summary>
/// <param name="indent">Columns before a call of the chain.</param>
/// <param name="rope">Prints rotary positions.</param>
internal sealed class CallPrinter(int indent, Action<CallPrinter, string, Rope> rope)
{
    private const int Step = 4;
    private const int Columns = 140;
    private readonly StringBuilder _text = new();
    private readonly Stack<(string Name, List<string> Arguments)> _calls = new();

    /// <summary>What was printed.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>Prints a chain.</summary>
    public CallPrinter Chain(IEnumerable<Part> parts)
    {
        foreach (var part in parts)
            part.Print(this);
        return this;
    }

    /// <summary>Begins a call of the chain.</summary>
    public CallPrinter Begin(string method) => New("." + method);

    /// <summary>Begins a call that is an argument.</summary>
    public CallPrinter New(string name)
    {
        _calls.Push((name, []));
        return this;
    }

    /// <summary>Ends a call of the chain.</summary>
    public CallPrinter End()
    {
        var (name, arguments) = _calls.Pop();
        _text.Append('\n').Append(' ', indent).Append(name).Append('(').Append(Join(name.Length + 1, arguments)).Append(')');
        return this;
    }

    /// <summary>Ends a call that is an argument: it becomes the text of the argument begun before.</summary>
    public CallPrinter Close()
    {
        var (name, arguments) = _calls.Pop();
        return Add($"{name}({string.Join(", ", arguments)})");
    }

    public CallPrinter Argument(string name, int value) => Add(name + ": " + CSharpText.Of(value));

    public CallPrinter Argument(string name, int value, int usual) => value == usual ? this : Argument(name, value);

    public CallPrinter Argument(string name, int? value) => value is { } given ? Argument(name, given) : this;

    public CallPrinter Argument(string name, float value) => Add(name + ": " + CSharpText.Of(value));

    public CallPrinter Argument(string name, float value, float usual) => value == usual ? this : Argument(name, value);

    public CallPrinter Argument(string name, float? value) => value is { } given ? Argument(name, given) : this;

    public CallPrinter Argument(string name, double value) => Add(name + ": " + CSharpText.Of(value));

    public CallPrinter Argument(string name, double value, double usual) => value == usual ? this : Argument(name, value);

    public CallPrinter Argument(string name, bool value, bool usual) => value == usual ? this : Add(name + ": " + CSharpText.Of(value));

    public CallPrinter Argument(string name, string? value) => value is null ? this : Add(name + ": " + CSharpText.Of(value));

    public CallPrinter Argument(string name, IEnumerable<double> values) => Add(name + ": " + CSharpText.Of(values));

    /// <summary>A member of an enum.</summary>
    public CallPrinter Member<T>(string name, T value, T usual, string? type = null)
        where T : struct, Enum => value.Equals(usual) ? this : Member(name, value, type);

    /// <summary>A member of an enum.</summary>
    public CallPrinter Member<T>(string name, T value, string? type = null)
        where T : struct, Enum => Add($"{name}: {type ?? typeof(T).Name}.{value}");

    /// <summary>An argument that is a call.</summary>
    public CallPrinter Call(string name, Action<CallPrinter>? print)
    {
        if (print is null)
            return this;
        print(this);
        var arguments = _calls.Peek().Arguments;
        arguments[arguments.Count - 1] = name + ": " + arguments[arguments.Count - 1];
        return this;
    }

    /// <summary>Rotary positions, perhaps by a name.</summary>
    public CallPrinter Rope(string name, Rope? value)
    {
        if (value is not null)
            rope(this, name, value);
        return this;
    }

    /// <summary>The argument that was printed last, of a call that is not ended.</summary>
    public string Pop() => _calls.Pop().Arguments.Single();

    /// <summary>Text as it is.</summary>
    public CallPrinter Add(string argument)
    {
        _calls.Peek().Arguments.Add(argument);
        return this;
    }

    /// <summary>A function of a value.</summary>
    public CallPrinter Branch(string? name, string parameter, IEnumerable<Part> parts) =>
        Add($"{(name is null ? "" : name + ": ")}{parameter} => {parameter}{new CallPrinter(indent + Step, rope).Chain(parts)}");

    /// <summary>On one line, or on several where they do not fit.</summary>
    private string Join(int before, List<string> arguments)
    {
        var one = string.Join(", ", arguments);
        if (one.IndexOf('\n') >= 0 || indent + before + one.Length < Columns)
            return one;
        var (text, column) = (new StringBuilder(), Columns);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (column + arguments[i].Length + 2 > Columns)
            {
                text.Append(i > 0 ? "," : "").Append('\n').Append(' ', indent + Step);
                column = indent + Step;
            }
            else
            {
                text.Append(", ");
            }

            text.Append(arguments[i]);
            column += arguments[i].Length + 2;
        }

        return text.ToString();
    }
}
