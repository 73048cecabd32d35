namespace KernelForge.Generator.ChatTemplates;

/// <summary>Something in a template that is wrong or not supported. Never leaves this room: the compiler turns it into a problem.</summary>
internal sealed class TemplateSyntaxException(string message, int offset) : Exception(message)
{
    /// <summary>Offset in the template.</summary>
    public int Offset { get; } = offset;
}
