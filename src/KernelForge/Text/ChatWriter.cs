using System.ComponentModel;

namespace KernelForge.Text;

/// <summary>Where a compiled chat template writes. Counts the template's steps, so that rendering ends whatever the template says.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ChatWriter
{
    /// <summary>Loop iterations and macro calls that one rendering may take.</summary>
    public const int MaximumSteps = 1_000_000;

    private const int MaximumMacroDepth = 100;

    private readonly MarkedTextBuilder _text = new(256);
    private readonly ChatWriter _root;
    private int _steps;
    private int _macroDepth;

    /// <summary>An empty text.</summary>
    public ChatWriter() => _root = this;

    private ChatWriter(ChatWriter root) => _root = root;

    /// <summary>Writes text of the template.</summary>
    public void Write(string text) => _text.AppendTrusted(text);

    /// <summary>Writes a value with its marks, printed as Jinja prints it.</summary>
    public void Write(TemplateValue value) => _text.Append(value.ToMarkedText());

    /// <summary>What was written.</summary>
    public MarkedText ToMarkedText() => _text.ToMarkedText();

    /// <summary>What was written, as a value.</summary>
    public TemplateValue ToValue() => TemplateValue.FromText(ToMarkedText());

    /// <summary>A writer for text that the template keeps for later.</summary>
    public ChatWriter Capture() => new(_root);

    /// <summary>A writer for the text of a macro.</summary>
    public ChatWriter EnterMacro()
    {
        Step();
        if (++_root._macroDepth > MaximumMacroDepth)
            throw new ChatTemplateException($"The chat template calls macros more than {MaximumMacroDepth} deep.");
        return Capture();
    }

    /// <summary>The text of a macro that has ended.</summary>
    public TemplateValue LeaveMacro(ChatWriter macro)
    {
        _root._macroDepth--;
        return macro.ToValue();
    }

    internal void Step()
    {
        if (++_root._steps > MaximumSteps)
            throw new ChatTemplateException($"The chat template takes more than {MaximumSteps:N0} steps.");
    }
}
