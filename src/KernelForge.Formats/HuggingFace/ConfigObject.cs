using System.Globalization;
using System.Text.Json;
using KernelForge.Manifests;

namespace KernelForge.Formats.HuggingFace;

/// <summary>An object of <c>config.json</c>. A value of the wrong type is an error at its own name; null counts as missing.</summary>
internal sealed class ConfigObject(string path, JsonElement root)
{
    public bool Has(string key) => Find(key) is not null;

    public ConfigObject? Object(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigObject(path, value)
        : throw WrongType(key, "an object");

    public string? Text(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw WrongType(key, "text");

    public string RequiredText(string key) => Text(key) ?? throw Missing(key);

    public bool Flag(string key) =>
        Find(key) is { } value && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw WrongType(key, "true or false"),
        };

    public double? Number(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw WrongType(key, "a number");

    /// <summary>An integer under another key, or null where there is none.</summary>
    public MetadataEntry? Integer(string key, string name) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? new MetadataEntry(name, MetadataType.Integer, number.ToString(CultureInfo.InvariantCulture))
        : throw WrongType(key, "an integer");

    public MetadataEntry RequiredInteger(string key, string name) => Integer(key, name) ?? throw Missing(key);

    public MetadataEntry? Real(string key, string name) => Number(key) is { } number ? Real(name, number) : null;

    public static MetadataEntry Real(string name, double number) => new(name, MetadataType.Float, number.ToString("R", CultureInfo.InvariantCulture));

    public MetadataEntry? Reals(string key, string name)
    {
        if (Find(key) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(element => element.ValueKind != JsonValueKind.Number))
            throw WrongType(key, "an array of numbers");
        var numbers = value.EnumerateArray().Select(element => element.GetDouble().ToString("R", CultureInfo.InvariantCulture));
        return new MetadataEntry(name, MetadataType.FloatArray, string.Join(',', numbers));
    }

    public ModelFormatException Error(string key, string problem, string remedy) => new(path, problem, key, remedy: remedy);

    private JsonElement? Find(string key) => root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ModelFormatException WrongType(string key, string wanted) => new(path, $"{wanted} is expected", key);

    private ModelFormatException Missing(string key) => new(path, "a required key is missing", key);
}
