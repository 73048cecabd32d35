namespace KernelForge.Text;

public sealed partial class TemplateValue
{
    /// <summary>Python's <c>range</c>.</summary>
    public static TemplateValue Range(TemplateValue first, TemplateValue? second = null, TemplateValue? step = null)
    {
        var (start, stop) = second is null ? (0, first.Integer("a range's end")) : (first.Integer("a range's start"), second.Integer("a range's end"));
        var stride = step is null ? 1 : step.Integer("a range's step");
        var items = new List<TemplateValue>();
        for (var i = start; stride > 0 ? i < stop : stride < 0 && i > stop; i += stride)
        {
            items.Add(i);
            if (items.Count > MaximumRange)
                throw new ChatTemplateException($"The template makes a range of more than {MaximumRange:N0} numbers.");
        }

        return FromList(items);
    }

    /// <summary>What a template does to refuse a conversation.</summary>
    public static TemplateValue Raise(TemplateValue message) => throw ChatTemplateException.Raised(message.ToString());

    /// <summary>The items, keys or characters as a list.</summary>
    public TemplateValue ToList() => FromList([.. Enumerate()]);

    /// <summary>The first item, or <see cref="Undefined"/>.</summary>
    public TemplateValue First() => Enumerate().FirstOrDefault() ?? Undefined;

    /// <summary>The last item, or <see cref="Undefined"/>.</summary>
    public TemplateValue Last() => Enumerate().LastOrDefault() ?? Undefined;

    /// <summary>The smallest item, or <see cref="Undefined"/>.</summary>
    public TemplateValue Min() => Enumerate().Aggregate(Undefined, static (best, item) => best.IsDefined && best.Order(item) <= 0 ? best : item);

    /// <summary>The greatest item, or <see cref="Undefined"/>.</summary>
    public TemplateValue Max() => Enumerate().Aggregate(Undefined, static (best, item) => best.IsDefined && best.Order(item) >= 0 ? best : item);

    /// <summary>The items, or the characters, in reverse order.</summary>
    public TemplateValue Reverse() => IsText ? Slice(null, null, -1) : FromList([.. Enumerate().Reverse()]);

    /// <summary>Pairs of key and value; of an undefined name none.</summary>
    public TemplateValue Items() =>
        Kind == TemplateKind.Undefined ? List() : FromList([.. RequireMap().Entries.Select(static entry => List(entry.Key, entry.Value))]);

    /// <summary>The keys.</summary>
    public TemplateValue Keys() => FromList([.. RequireMap().Entries.Select(static entry => entry.Key)]);

    /// <summary>The values.</summary>
    public TemplateValue Values() => FromList([.. RequireMap().Entries.Select(static entry => entry.Value)]);

    /// <summary>The value of a key, or the other value.</summary>
    public TemplateValue Get(TemplateValue key, TemplateValue? otherwise = null) => RequireMap().Find(key) ?? otherwise ?? None;

    /// <summary>This, or the other value where this is undefined (or, if asked, not true).</summary>
    public TemplateValue Default(TemplateValue otherwise, TemplateValue? whereNotTrue = null) =>
        IsDefined && (whereNotTrue is not { IsTrue: true } || IsTrue) ? this : otherwise;

    /// <summary>One attribute of each item.</summary>
    public TemplateValue MapAttribute(TemplateValue attribute) => FromList([.. Enumerate().Select(item => item[attribute])]);

    /// <summary>The items that pass a test.</summary>
    public TemplateValue Select(TemplateValue test, TemplateValue? argument = null) => Where(item => item.Passes(test, argument));

    /// <summary>The items that do not pass a test.</summary>
    public TemplateValue Reject(TemplateValue test, TemplateValue? argument = null) => Where(item => !item.Passes(test, argument));

    /// <summary>The items of which an attribute passes a test (without one: is true).</summary>
    public TemplateValue SelectAttribute(TemplateValue attribute, TemplateValue? test = null, TemplateValue? argument = null) =>
        Where(item => item[attribute].Passes(test, argument));

    /// <summary>The items of which an attribute does not pass a test (without one: is not true).</summary>
    public TemplateValue RejectAttribute(TemplateValue attribute, TemplateValue? test = null, TemplateValue? argument = null) =>
        Where(item => !item[attribute].Passes(test, argument));

    /// <summary>The items for which a condition holds.</summary>
    public TemplateValue Where(Func<TemplateValue, bool> condition) => FromList([.. Enumerate().Where(condition)]);

    /// <summary>One part of a list that is taken apart into <paramref name="count"/> names.</summary>
    public TemplateValue Part(int part, int count) => Kind == TemplateKind.List && AsList.Count == count
        ? AsList[part]
        : throw Unfit($"is taken apart into {count} names and has not {count} parts");

    /// <summary>What a loop over the value runs over.</summary>
    internal IEnumerable<TemplateValue> Enumerate() => Kind switch
    {
        TemplateKind.List => AsList,
        TemplateKind.Map => AsMap.Entries.Select(static entry => entry.Key),
        TemplateKind.Text => Enumerable.Range(0, AsText.Length).Select(i => FromText(AsText.Slice(i, 1))),
        TemplateKind.Undefined => [],
        _ => throw Unfit("has no items"),
    };

    private const int MaximumRange = 100_000;

    private TemplateMap RequireMap() => Kind == TemplateKind.Map ? AsMap : throw Unfit("is no dictionary");

    private bool Passes(TemplateValue? test, TemplateValue? argument) => test?.RequireText().Text switch
    {
        null => IsTrue,
        "defined" => IsDefined,
        "undefined" => !IsDefined,
        "none" => IsNone,
        "string" => IsText,
        "mapping" => IsMap,
        "true" => SameAs(true),
        "false" => SameAs(false),
        "eq" or "equalto" or "==" => EqualTo(argument ?? Undefined),
        "ne" or "!=" => !EqualTo(argument ?? Undefined),
        "in" => (argument ?? Undefined).Contains(this),
        var other => throw new ChatTemplateException($"The template selects by the test '{other}', which is not supported."),
    };
}
