using System.ComponentModel;
using System.Globalization;

namespace KernelForge.Text;

/// <summary>
/// A value in a chat template, with the meaning that Jinja and Python give it. Compiled templates compute with these; text keeps its
/// marks (<see cref="MarkedText"/>) through every operation. Immutable, except for a namespace.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class TemplateValue
{
    private readonly object? _reference;
    private readonly long _integer;
    private readonly double _float;

    private TemplateValue(TemplateKind kind, object? reference = null, long integer = 0, double number = 0)
    {
        Kind = kind;
        _reference = reference;
        _integer = integer;
        _float = number;
        TemplateWork.Charge(TemplateWork.Value);
    }

    /// <summary>A name without a value. Prints as nothing; computing with it is an error.</summary>
    public static TemplateValue Undefined { get; } = new(TemplateKind.Undefined);

    /// <summary>Python's <c>None</c>.</summary>
    public static TemplateValue None { get; } = new(TemplateKind.None);

    /// <summary>True.</summary>
    public static TemplateValue True { get; } = new(TemplateKind.Boolean, integer: 1);

    /// <summary>False.</summary>
    public static TemplateValue False { get; } = new(TemplateKind.Boolean);

    /// <summary>What the value is.</summary>
    public TemplateKind Kind { get; }

    /// <summary>Whether a condition with this value holds: not undefined, none, false, zero or empty.</summary>
    public bool IsTrue => Kind switch
    {
        TemplateKind.Boolean or TemplateKind.Integer => _integer != 0,
        TemplateKind.Float => _float != 0,
        TemplateKind.Text => AsText.Length > 0,
        TemplateKind.List => AsList.Count > 0,
        TemplateKind.Map => AsMap.Count > 0,
        TemplateKind.Namespace => true,
        _ => false,
    };

    internal MarkedText AsText => (MarkedText)_reference!;

    internal IReadOnlyList<TemplateValue> AsList => (IReadOnlyList<TemplateValue>)_reference!;

    internal TemplateMap AsMap => (TemplateMap)_reference!;

    /// <summary>A truth value.</summary>
    public static implicit operator TemplateValue(bool value) => value ? True : False;

    /// <summary>An integer.</summary>
    public static implicit operator TemplateValue(long value) => new(TemplateKind.Integer, integer: value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator TemplateValue(double value) => new(TemplateKind.Float, number: value);

    /// <summary>Text of the template: trusted.</summary>
    public static implicit operator TemplateValue(string value) => FromText(MarkedText.FromTrusted(value));

    /// <summary>Text from outside, or <see cref="Undefined"/> for null.</summary>
    public static TemplateValue FromOutside(string? value) => value is null ? Undefined : FromText(MarkedText.FromUntrusted(value));

    /// <summary>Text with its marks.</summary>
    public static TemplateValue FromText(MarkedText value)
    {
        TemplateWork.Charge(value.Length);
        return new TemplateValue(TemplateKind.Text, value);
    }

    /// <summary>A list.</summary>
    /// <exception cref="ChatTemplateException">Lists or dictionaries are nested too deep.</exception>
    public static TemplateValue FromList(IReadOnlyList<TemplateValue> items)
    {
        TemplateWork.Charge((long)items.Count * TemplateWork.Value);
        return new TemplateValue(TemplateKind.List, items) { Depth = Above(items) };
    }

    /// <summary>A list of the given items.</summary>
    public static TemplateValue List(params TemplateValue[] items) => FromList(items);

    /// <summary>A dictionary in the order of its entries.</summary>
    /// <exception cref="ChatTemplateException">Lists or dictionaries are nested too deep.</exception>
    public static TemplateValue Map(params (TemplateValue Key, TemplateValue Value)[] entries) =>
        new(TemplateKind.Map, new TemplateMap(entries)) { Depth = Above(entries.SelectMany(static entry => new[] { entry.Key, entry.Value })) };

    /// <summary>Jinja's <c>namespace(...)</c>: attributes that a loop's body can set.</summary>
    public static TemplateValue Namespace(params (TemplateValue Key, TemplateValue Value)[] entries) => new(TemplateKind.Namespace, new TemplateMap(entries));

    /// <summary>The messages of a conversation as the template's <c>messages</c>; every text in it counts as coming from outside.</summary>
    public static TemplateValue FromMessages(IReadOnlyList<ChatMessage> messages)
    {
        var items = new TemplateValue[messages.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = Map(("role", FromOutside(messages[i].Role)), ("content", FromOutside(messages[i].Content)));
        return FromList(items);
    }

    /// <summary>Sets an attribute of a namespace.</summary>
    public void Set(string name, TemplateValue value)
    {
        if (Kind != TemplateKind.Namespace)
            throw new ChatTemplateException($"The template sets the attribute '{name}' of a {KindName}; only a namespace can be changed.");
        AsMap.Set(name, value);
    }

    /// <inheritdoc/>
    public override string ToString() => ToMarkedText().Text;

    // Lists and dictionaries inside this one. A namespace counts as none: its attributes can change later, and nothing walks into it.
    private int Depth { get; init; }

    // What compares or prints a value walks into it, so its depth is bounded where it is made.
    private static int Above(IEnumerable<TemplateValue> items)
    {
        var depth = 0;
        foreach (var item in items)
            depth = Math.Max(depth, item.Depth + 1);
        return depth <= MaximumDepth ? depth : throw new ChatTemplateException($"The template nests lists or dictionaries more than {MaximumDepth} deep.");
    }

    internal string KindName => Kind.ToString().ToLower(CultureInfo.InvariantCulture);
}

/// <summary>The kinds of <see cref="TemplateValue"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum TemplateKind
{
    /// <summary>A name without a value.</summary>
    Undefined,

    /// <summary>Python's None.</summary>
    None,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A 64-bit integer.</summary>
    Integer,

    /// <summary>A binary64 number.</summary>
    Float,

    /// <summary>Marked text.</summary>
    Text,

    /// <summary>A list.</summary>
    List,

    /// <summary>A dictionary.</summary>
    Map,

    /// <summary>A dictionary whose attributes can be set.</summary>
    Namespace,
}
