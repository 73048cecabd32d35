using System.Globalization;

namespace KernelForge.Generator.Specialization;

/// <summary>A value the specialiser knows: of type <c>int</c>, <c>bool</c>, or an enum given by its qualified name.</summary>
internal readonly struct Constant(string type, long value) : IEquatable<Constant>
{
    public const string Int = "int";
    public const string Bool = "bool";

    public string Type { get; } = type;

    public long Value { get; } = value;

    public bool IsTrue => Type == Bool && Value != 0;

    public static Constant Of(bool value) => new(Bool, value ? 1 : 0);

    public static Constant Of(int value) => new(Int, value);

    /// <summary>Reads the payload of an annotation, e.g. <c>int=5</c>.</summary>
    public static Constant Parse(string payload)
    {
        var at = payload.LastIndexOf('=');
        return new(payload.Substring(0, at), long.Parse(payload.Substring(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }

    public bool Equals(Constant other) => Type == other.Type && Value == other.Value;

    public override bool Equals(object? obj) => obj is Constant other && Equals(other);

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => Type + "=" + Value.ToString(CultureInfo.InvariantCulture);
}
