using System.ComponentModel;

namespace KernelForge.Text;

/// <summary>A loop of a chat template: Jinja's <c>loop</c>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TemplateLoop
{
    private readonly ChatWriter _writer;
    private readonly IReadOnlyList<TemplateValue> _items;
    private int _place = -1;

    /// <summary>A loop over a value, before its first item.</summary>
    public TemplateLoop(ChatWriter writer, TemplateValue items)
    {
        _writer = writer;
        _items = items.Kind == TemplateKind.List ? items.AsList : [.. items.Enumerate()];
    }

    /// <summary>The current item.</summary>
    public TemplateValue Item => _items[_place];

    /// <summary>Number of the item, from 1.</summary>
    public TemplateValue Index => _place + 1;

    /// <summary>Number of the item, from 0.</summary>
    public TemplateValue Index0 => _place;

    /// <summary>Number of the item from the end, from 1.</summary>
    public TemplateValue ReverseIndex => _items.Count - _place;

    /// <summary>Number of the item from the end, from 0.</summary>
    public TemplateValue ReverseIndex0 => _items.Count - _place - 1;

    /// <summary>Number of items.</summary>
    public TemplateValue Length => _items.Count;

    /// <summary>Whether this is the first item.</summary>
    public bool IsFirst => _place == 0;

    /// <summary>Whether this is the last item.</summary>
    public bool IsLast => _place == _items.Count - 1;

    /// <summary>Whether there are no items at all.</summary>
    public bool IsEmpty => _items.Count == 0;

    /// <summary>The item before, or undefined.</summary>
    public TemplateValue Previous => _place > 0 ? _items[_place - 1] : TemplateValue.Undefined;

    /// <summary>The item behind, or undefined.</summary>
    public TemplateValue Following => _place + 1 < _items.Count ? _items[_place + 1] : TemplateValue.Undefined;

    /// <summary>Goes to the next item; false behind the last.</summary>
    public bool Next()
    {
        _writer.Step();
        return ++_place < _items.Count;
    }
}
