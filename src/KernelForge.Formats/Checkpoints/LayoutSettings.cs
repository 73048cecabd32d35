using System.Text.Json;

namespace KernelForge.Formats.Checkpoints;

/// <summary>An object of <c>config.json</c> that says how matrices are quantized. A value of the wrong type is an error at its own name; null counts as missing.</summary>
internal sealed class LayoutSettings(string path, JsonElement root)
{
    /// <summary>Whether it has no keys.</summary>
    public bool IsEmpty => !root.EnumerateObject().Any();

    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether a key holds an object.</summary>
    public bool IsObject(string key) => Find(key) is { ValueKind: JsonValueKind.Object };

    public LayoutSettings? Object(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new LayoutSettings(path, value)
        : throw WrongType(key, "an object");

    /// <summary>The objects in it, under whatever keys.</summary>
    public IEnumerable<LayoutSettings> Children() =>
        root.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.Object).Select(entry => new LayoutSettings(path, entry.Value));

    public string? Text(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw WrongType(key, "text");

    public bool Flag(string key) =>
        Find(key) is { } value && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw WrongType(key, "true or false"),
        };

    public int? Integer(string key) =>
        Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw WrongType(key, "an integer");

    /// <summary>Rows and columns of a block, or null.</summary>
    public (int Rows, int Columns)? Block(string key)
    {
        if (Find(key) is not { } value)
            return null;
        int[] sizes = value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(size => size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out var number) ? number : 0)]
            : [];
        return sizes is [> 0, > 0] ? (sizes[0], sizes[1]) : throw WrongType(key, "an array of two integers above 0");
    }

    public ModelFormatException Error(string key, string problem, string? remedy = null) => new(path, problem, key, remedy: remedy);

    private JsonElement? Find(string key) => root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ModelFormatException WrongType(string key, string wanted) => Error(key, $"{wanted} is expected");
}
