namespace KernelForge.Text;

/// <summary>A chat template cannot render this conversation: it said so itself, or it met a value it has no use for.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <summary>What went wrong.</summary>
    public ChatTemplateException(string message) : base(message)
    {
    }

    /// <summary>Whether the template itself refused, by <c>raise_exception</c>.</summary>
    public bool RaisedByTemplate { get; private init; }

    /// <summary>The template's own refusal.</summary>
    public static ChatTemplateException Raised(string message) => new(message) { RaisedByTemplate = true };
}
