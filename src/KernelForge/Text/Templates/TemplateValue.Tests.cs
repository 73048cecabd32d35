namespace KernelForge.Text;

public sealed partial class TemplateValue
{
    /// <summary>Whether the name has a value.</summary>
    public bool IsDefined => Kind != TemplateKind.Undefined;

    /// <summary>Whether the value is None.</summary>
    public bool IsNone => Kind == TemplateKind.None;

    /// <summary>Whether the value is text.</summary>
    public bool IsText => Kind == TemplateKind.Text;

    /// <summary>Whether the value is a dictionary.</summary>
    public bool IsMap => Kind == TemplateKind.Map;

    /// <summary>Whether the value is a truth value.</summary>
    public bool IsBoolean => Kind == TemplateKind.Boolean;

    /// <summary>Whether the value is an integer (a truth value is none).</summary>
    public bool IsInteger => Kind == TemplateKind.Integer;

    /// <summary>Whether the value is a number, as Python counts: truth values too.</summary>
    public bool IsNumber => Kind is TemplateKind.Integer or TemplateKind.Float or TemplateKind.Boolean;

    /// <summary>Whether a loop can run over the value.</summary>
    public bool IsIterable => Kind is TemplateKind.Text or TemplateKind.List or TemplateKind.Map or TemplateKind.Undefined;

    /// <summary>Whether the value has items at integer places.</summary>
    public bool IsSequence => Kind is TemplateKind.Text or TemplateKind.List or TemplateKind.Map or TemplateKind.Undefined;

    /// <summary>Whether this is the very same truth value, number, text or object.</summary>
    public bool SameAs(TemplateValue other) => Kind == other.Kind && EqualTo(other);
}
