using KernelForge.Text;

namespace KernelForge.Cli.Inspection.Templates;

/// <summary>Variables of a template, of a loop's body, of a macro or of a captured block. What is set inside stays inside.</summary>
internal sealed class TemplateScope
{
    private readonly TemplateScope? _parent;
    private readonly ChatRequest _request;
    private readonly Func<string, TemplateValue?>? _targets;
    private readonly Dictionary<string, TemplateValue> _values = new(StringComparer.Ordinal);

    public TemplateScope(ChatRequest request) => _request = request;

    /// <summary>A scope inside another.</summary>
    /// <param name="parent">The other.</param>
    /// <param name="targets">Variables that are computed when they are asked for, or null.</param>
    public TemplateScope(TemplateScope parent, Func<string, TemplateValue?>? targets = null) => (_parent, _request, _targets) = (parent, parent._request, targets);

    /// <summary>A variable; what nobody has set is the request's.</summary>
    public TemplateValue this[string name]
    {
        get => _values.TryGetValue(name, out var value) ? value
            : _targets?.Invoke(name) is { } target ? target
            : _parent is not null ? _parent[name]
            : _values[name] = _request[name];
        set => _values[name] = value;
    }
}
