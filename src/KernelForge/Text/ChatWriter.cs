using System.ComponentModel;

namespace KernelForge.Text;

/// <summary>Where a compiled chat template writes. Counts the template's steps, so that rendering ends whatever the template says.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ChatWriter
{
    /// <summary>Loop iterations that one rendering may take.</summary>
    public const int MaximumSteps = 10_000_000;

    private readonly MarkedTextBuilder _text = new(1024);
    private int _steps;

    /// <summary>Writes text of the template.</summary>
    public void Write(string text) => _text.AppendTrusted(text);

    /// <summary>Writes a value with its marks, printed as Jinja prints it.</summary>
    public void Write(TemplateValue value) => _text.Append(value.ToMarkedText());

    /// <summary>What was written.</summary>
    public MarkedText ToMarkedText() => _text.ToMarkedText();

    internal void Step()
    {
        if (++_steps > MaximumSteps)
            throw new ChatTemplateException($"The chat template takes more than {MaximumSteps:N0} steps.");
    }
}
