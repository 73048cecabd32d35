namespace KernelForge.Generator.Specialization;

/// <summary>A specialised expression: its text, and its value where that is known.</summary>
/// <param name="text">C#.</param>
/// <param name="isPrimary">It can stand anywhere without parentheses.</param>
/// <param name="value">Its value, or null.</param>
internal readonly struct Fragment(string text, bool isPrimary, Constant? value = null)
{
    public string Text { get; } = text;

    public bool IsPrimary { get; } = isPrimary;

    public Constant? Value { get; } = value;

    /// <summary>The text, in parentheses if it needs them.</summary>
    public string Operand => IsPrimary ? Text : "(" + Text + ")";
}
