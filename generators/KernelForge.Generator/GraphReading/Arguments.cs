using KernelForge.Generator.Declarations;
using KernelForge.Language;
using Microsoft.CodeAnalysis;

namespace KernelForge.Generator.GraphReading;

/// <summary>The evaluated arguments of a call of the graph language, by the names of its parameters.</summary>
/// <param name="call">The call.</param>
/// <param name="name">The place of the method's name.</param>
internal sealed class Arguments(SyntaxNode call, SyntaxNode name)
{
    private readonly Dictionary<string, (object? Value, SyntaxNode? At)> _values = new(StringComparer.Ordinal);

    public void Add(string parameter, object? value, SyntaxNode? at) => _values[parameter] = (value, at);

    /// <summary>Puts what an argument came to in its place.</summary>
    public void Replace(string parameter, object? value) => _values[parameter] = (value, _values[parameter].At);

    /// <summary>Names of the arguments that were written.</summary>
    public IEnumerable<string> Written => _values.Where(value => value.Value.At is not null).Select(value => value.Key);

    public SyntaxNode At(string parameter) => _values[parameter].At ?? name;

    /// <summary>Where its method and its arguments stand.</summary>
    public CallPlaces Places => new(
        SourcePlace.Of(name.GetLocation()),
        _values.Where(value => value.Value.At is not null).Select(value => new ArgumentPlace(value.Key, SourcePlace.Of(value.Value.At!.GetLocation()))).ToEquatableArray());

    public int Int(string parameter) => Value(parameter) is int value ? value : throw NotConstant(parameter);

    public int? IntOrNull(string parameter) => Value(parameter) is null ? null : Int(parameter);

    public double Real(string parameter) => Value(parameter) switch { double value => value, int value => value, _ => throw NotConstant(parameter) };

    public float Float(string parameter) => (float)Real(parameter);

    public float? FloatOrNull(string parameter) => Value(parameter) is null ? null : Float(parameter);

    public bool Flag(string parameter) => Value(parameter) is bool value ? value : throw NotConstant(parameter);

    public bool? FlagOrNull(string parameter) => Value(parameter) is null ? null : Flag(parameter);

    public string Text(string parameter) => Value(parameter) is string value ? value : throw NotConstant(parameter);

    public string? TextOrNull(string parameter) => Value(parameter) is null ? null : Text(parameter);

    /// <summary>A member of the graph's own enum, whose members are numbered like those that users see.</summary>
    public T Member<T>(string parameter)
        where T : struct, Enum => Value(parameter) is EnumValue value ? (T)Enum.ToObject(typeof(T), value.Number) : throw NotConstant(parameter);

    public T Object<T>(string parameter)
        where T : class => Value(parameter) as T ?? throw NotConstant(parameter);

    public T? ObjectOrNull<T>(string parameter)
        where T : class => Value(parameter) is null ? null : Object<T>(parameter);

    public EquatableArray<double> Reals(string parameter) => Value(parameter) is IReadOnlyList<object?> list
        ? list.Select(item => item switch { double value => value, int value => value, _ => throw NotConstant(parameter) }).ToEquatableArray()
        : throw NotConstant(parameter);

    /// <summary>The value as it was evaluated.</summary>
    public object? Value(string parameter) => _values[parameter].Value;

    /// <summary>The parts that a function of a branch became. C# lets <c>null</c> stand where a function is wanted.</summary>
    public EquatableArray<Part> Branch(string parameter) => Value(parameter) is EquatableArray<Part> parts ? parts : throw NotConstant(parameter);

    private ReadException NotConstant(string parameter) => new(
        DeclarationCodes.NotConstant, $"{parameter} must be a value that is known at compile time.", _values[parameter].At ?? call);
}

/// <summary>Where a call of a declaration stands, compared by value.</summary>
/// <param name="Name">Of its method.</param>
/// <param name="Arguments">Those that were written, also those of calls inside them.</param>
internal sealed record CallPlaces(SourcePlace Name, EquatableArray<ArgumentPlace> Arguments)
{
    /// <summary>The place of an argument, or of the method.</summary>
    public SourcePlace Of(string? argument) => Arguments.FirstOrDefault(place => place.Name == argument)?.Place ?? Name;
}

/// <summary>Where an argument stands.</summary>
internal sealed record ArgumentPlace(string Name, SourcePlace Place);
