namespace KernelForge.Text;

public sealed partial class TemplateValue
{
    /// <summary>Number of characters, items or entries.</summary>
    public TemplateValue Size => Length;

    internal long Length => Kind switch
    {
        TemplateKind.Text => AsText.Length,
        TemplateKind.List => AsList.Count,
        TemplateKind.Map => AsMap.Count,
        TemplateKind.Undefined => 0,
        _ => throw Unfit("has no length"),
    };

    /// <summary>The attribute or entry of this name, or <see cref="Undefined"/>.</summary>
    public TemplateValue this[string name] => Kind switch
    {
        TemplateKind.Map or TemplateKind.Namespace => AsMap.Find(name) ?? Undefined,
        TemplateKind.Undefined => throw Unfit($"has no '{name}'"),
        _ => Undefined,
    };

    /// <summary>The item at a place (negative: from the end), or <see cref="Undefined"/>.</summary>
    public TemplateValue this[long index] => At(index);

    /// <summary>The item or entry, or <see cref="Undefined"/>.</summary>
    public TemplateValue this[TemplateValue key] => key.Kind switch
    {
        TemplateKind.Integer => At(key._integer),
        TemplateKind.Text => this[key.AsText.Text],
        _ when Kind == TemplateKind.Map => AsMap.Find(key) ?? Undefined,
        TemplateKind.Undefined => throw key.Unfit("is no index"),
        _ => Undefined,
    };

    /// <summary>Adds numbers, joins texts or lists.</summary>
    public static TemplateValue operator +(TemplateValue left, TemplateValue right)
    {
        if (left.IsText && right.IsText)
            return Concatenate(left.AsText, right.AsText);
        if (left.Kind == TemplateKind.List && right.Kind == TemplateKind.List)
            return FromList(Bounded([.. left.AsList, .. right.AsList]));
        return Arithmetic(left, right, "+", static (a, b) => checked(a + b), static (a, b) => a + b);
    }

    /// <summary>Subtracts numbers.</summary>
    public static TemplateValue operator -(TemplateValue left, TemplateValue right) =>
        Arithmetic(left, right, "-", static (a, b) => checked(a - b), static (a, b) => a - b);

    /// <summary>Negates a number.</summary>
    public static TemplateValue operator -(TemplateValue value) => 0 - value;

    /// <summary>Multiplies numbers, repeats a text.</summary>
    public static TemplateValue operator *(TemplateValue left, TemplateValue right)
    {
        if (left.IsInteger && right.IsText)
            (left, right) = (right, left);
        if (!left.IsText || !right.IsInteger)
            return Arithmetic(left, right, "*", static (a, b) => checked(a * b), static (a, b) => a * b);

        var builder = new MarkedTextBuilder();
        for (var i = 0L; i < right._integer && left.Length > 0; i++)
            builder.Append(left.AsText);
        return FromText(builder.ToMarkedText());
    }

    /// <summary>Divides numbers; the result is a floating-point number.</summary>
    public static TemplateValue operator /(TemplateValue left, TemplateValue right) =>
        left.Number("/") / right.NotZero("/");

    /// <summary>Python's remainder: it has the divisor's sign.</summary>
    public static TemplateValue operator %(TemplateValue left, TemplateValue right)
    {
        right.NotZero("%");
        return Arithmetic(left, right, "%", static (a, b) => b == -1 ? 0 : (((a % b) + b) % b), static (a, b) => a - (b * Math.Floor(a / b)));
    }

    /// <summary>Jinja's <c>//</c>: divides and rounds down.</summary>
    public TemplateValue FloorDivide(TemplateValue divisor)
    {
        divisor.NotZero("//");
        return Arithmetic(this, divisor, "//", static (a, b) => b == -1 ? checked(-a) : (a - (((a % b) + b) % b)) / b, static (a, b) => Math.Floor(a / b));
    }

    /// <summary>Jinja's <c>~</c>: prints both sides and joins them.</summary>
    public TemplateValue Concat(TemplateValue right) => Concatenate(ToMarkedText(), right.ToMarkedText());

    /// <summary>Jinja's <c>==</c>.</summary>
    public bool EqualTo(TemplateValue other)
    {
        TemplateWork.Charge(1 + (IsText ? AsText.Length / 16 : 0));
        if (IsNumber && other.IsNumber)
        {
            return Kind == TemplateKind.Float || other.Kind == TemplateKind.Float
                ? Number("==").Equals(other.Number("=="))
                : _integer == other._integer;
        }

        if (Kind != other.Kind)
            return false;
        return Kind switch
        {
            TemplateKind.Text => AsText.Equals(other.AsText),
            TemplateKind.List => AsList.Count == other.AsList.Count && AsList.Zip(other.AsList).All(static pair => pair.First.EqualTo(pair.Second)),
            TemplateKind.Map => AsMap.Count == other.AsMap.Count
                && AsMap.Entries.All(entry => other.AsMap.Find(entry.Key) is { } value && value.EqualTo(entry.Value)),
            TemplateKind.Namespace => ReferenceEquals(_reference, other._reference),
            _ => true,
        };
    }

    /// <summary>Negative, zero or positive, as the value comes before, with or after the other.</summary>
    public int Order(TemplateValue other)
    {
        TemplateWork.Charge(1 + (IsText ? AsText.Length / 16 : 0));
        if (IsText && other.IsText)
            return string.CompareOrdinal(AsText.Text, other.AsText.Text);
        if (!IsNumber || !other.IsNumber)
            throw Unfit($"cannot be ordered against a value of kind {other.KindName}");
        return Kind == TemplateKind.Float || other.Kind == TemplateKind.Float
            ? Number("<").CompareTo(other.Number("<"))
            : _integer.CompareTo(other._integer);
    }

    /// <summary>Jinja's <c>in</c>: whether the value is an item, a key or a part of this.</summary>
    public bool Contains(TemplateValue value) => Kind switch
    {
        TemplateKind.Text when value.IsText => IndexOf(AsText.Text, value.AsText.Text, 0) >= 0,
        TemplateKind.List => AsList.Any(item => item.EqualTo(value)),
        TemplateKind.Map or TemplateKind.Namespace => AsMap.Find(value) is not null,
        TemplateKind.Undefined => false,
        _ => throw Unfit($"cannot contain a value of kind {value.KindName}"),
    };

    /// <summary>Jinja's <c>and</c>: this where it is not true, else the other.</summary>
    public TemplateValue And(Func<TemplateValue> right) => IsTrue ? right() : this;

    /// <summary>Jinja's <c>or</c>: this where it is true, else the other.</summary>
    public TemplateValue Or(Func<TemplateValue> right) => IsTrue ? this : right();

    /// <summary>Python's slice <c>[start:stop:step]</c>; an absent bound is null.</summary>
    public TemplateValue Slice(TemplateValue? start, TemplateValue? stop, TemplateValue? step)
    {
        var stride = step is null || step.IsNone ? 1 : step.Integer("a slice's step");
        if (stride == 0)
            throw new ChatTemplateException("The template slices with step 0.");
        if (Kind is not (TemplateKind.Text or TemplateKind.List))
            throw Unfit("cannot be sliced");
        var (lowest, highest) = stride > 0 ? (0, Length) : (-1, Length - 1);
        var first = Bound(start, stride > 0 ? lowest : highest, lowest, highest);
        var last = Bound(stop, stride > 0 ? highest : lowest, lowest, highest);
        if (IsText && stride == 1)
            return FromText(AsText.Slice((int)first, (int)Math.Max(0, last - first)));

        // Not longer than the value: a greater step cannot overflow the place.
        stride = Math.Clamp(stride, -Length - 1, Length + 1);
        var items = new List<TemplateValue>();
        for (var i = first; stride > 0 ? i < last : i > last; i += stride)
            items.Add(At(i));
        if (!IsText)
            return FromList(items);
        var builder = new MarkedTextBuilder(items.Count);
        foreach (var item in items)
            builder.Append(item.AsText);
        return FromText(builder.ToMarkedText());
    }

    /// <summary>The integer of this value.</summary>
    internal long Integer(string use) => Kind is TemplateKind.Integer or TemplateKind.Boolean ? _integer : throw Unfit($"is not {use}");

    internal ChatTemplateException Unfit(string why) =>
        new(Kind == TemplateKind.Undefined ? $"The template uses a name that has no value: it {why}." : $"The template uses a value of kind {KindName}, which {why}.");

    private static TemplateValue Concatenate(MarkedText left, MarkedText right)
    {
        TemplateWork.Charge(left.Length + right.Length);
        var builder = new MarkedTextBuilder(left.Length + right.Length);
        builder.Append(left);
        builder.Append(right);
        return FromText(builder.ToMarkedText());
    }

    private static TemplateValue Arithmetic(TemplateValue left, TemplateValue right, string sign, Func<long, long, long> integers, Func<double, double, double> floats)
    {
        if (!left.IsNumber || !right.IsNumber || left.Kind == TemplateKind.Float || right.Kind == TemplateKind.Float)
            return floats(left.Number(sign), right.Number(sign));
        try
        {
            return integers(left._integer, right._integer);
        }
        catch (OverflowException)
        {
            throw new ChatTemplateException($"The template computes {left} {sign} {right}, which does not fit 64 bits.");
        }
    }

    private static List<TemplateValue> Bounded(List<TemplateValue> items) =>
        items.Count <= ChatWriter.MaximumSteps ? items : throw new ChatTemplateException("The template makes a list that is too long.");

    private double Number(string sign) => Kind switch
    {
        TemplateKind.Integer or TemplateKind.Boolean => _integer,
        TemplateKind.Float => _float,
        _ => throw Unfit($"cannot stand beside '{sign}'"),
    };

    private double NotZero(string sign) => Number(sign) is var number && number != 0 ? number : throw new ChatTemplateException("The template divides by zero.");

    private TemplateValue At(long index)
    {
        if (Kind is TemplateKind.Map or TemplateKind.Namespace)
            return AsMap.Find(index) ?? Undefined;
        if (Kind is TemplateKind.Undefined)
            throw Unfit($"has no item {index}");
        if (Kind is not (TemplateKind.Text or TemplateKind.List))
            return Undefined;
        if (index < 0)
            index += Length;
        if (index < 0 || index >= Length)
            return Undefined;
        return IsText ? FromText(AsText.Slice((int)index, 1)) : AsList[(int)index];
    }

    private long Bound(TemplateValue? bound, long absent, long lowest, long highest)
    {
        if (bound is null || bound.IsNone)
            return absent;
        var place = bound.Integer("a slice's bound");
        if (place < 0)
            place += Length;
        return Math.Clamp(place, lowest, highest);
    }
}
