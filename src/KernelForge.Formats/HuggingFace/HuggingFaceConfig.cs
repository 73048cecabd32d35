using System.Globalization;
using System.Text.Json;
using KernelForge.Formats.Checkpoints;
using KernelForge.Manifests;

namespace KernelForge.Formats.HuggingFace;

/// <summary>
/// Reads <c>config.json</c> into metadata: every value under its path after <c>config.</c>, inner objects with dots between. What the values mean,
/// and which of them a model may have, is for its architecture to say.
/// </summary>
internal sealed class HuggingFaceConfig
{
    private const string Prefix = "config.";
    private const int LongestArray = Description.Describer.LongestArray;
    private const int MostValues = 10_000;
    private const int Deepest = 8;

    private readonly string _path;
    private readonly SortedDictionary<string, MetadataEntry> _entries = new(StringComparer.Ordinal);

    private HuggingFaceConfig(string path, byte[] bytes) => (_path, Bytes) = (path, bytes);

    /// <summary>The model's type, as its authors spell it.</summary>
    public string Architecture { get; private set; } = string.Empty;

    /// <summary>All values, sorted by key.</summary>
    public EquatableArray<MetadataEntry> Metadata => _entries.Values.ToEquatableArray();

    /// <summary>How matrices are quantized, or null. Its settings are no metadata: a model is the same however it is stored.</summary>
    public CheckpointLayout? Layout { get; private set; }

    /// <summary>The file as it is.</summary>
    public byte[] Bytes { get; }

    /// <summary>Reads that of a folder.</summary>
    /// <exception cref="ModelFormatException">It is no JSON object, or names no model type.</exception>
    public static HuggingFaceConfig Read(string folder)
    {
        const string name = "config.json";
        var path = Path.Combine(folder, name);
        var (document, bytes) = JsonFile.Read(folder, name);
        using (document)
        {
            var config = new HuggingFaceConfig(path, bytes);
            config._entries["kernelforge.layout"] = new MetadataEntry("kernelforge.layout", MetadataType.String, "huggingface");
            config.Add(string.Empty, document.RootElement, 0);
            if (!config._entries.TryGetValue(Prefix + "model_type", out var type))
                throw new ModelFormatException(path, "a required key is missing", "model_type");
            if (type.Type != MetadataType.String)
                throw new ModelFormatException(path, "text is expected", "model_type");
            config.Architecture = type.Text;
            CheckNames(path, document.RootElement);
            CheckTokenId(path, document.RootElement, "bos_token_id");
            CheckTokenId(path, document.RootElement, "eos_token_id");
            config.Layout = CheckpointLayout.Read(new LayoutSettings(path, document.RootElement.Clone()));
            return config;
        }
    }

    /// <summary>A list of names of classes: whoever reads it takes it for one.</summary>
    private static void CheckNames(string path, JsonElement root)
    {
        const string key = "architectures";
        if (root.TryGetProperty(key, out var names) && names.ValueKind != JsonValueKind.Null
            && (names.ValueKind != JsonValueKind.Array || names.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String)))
            throw new ModelFormatException(path, $"a list of texts is expected and {Shown(names)} stands there", key);
    }

    /// <summary>A token id or a list of them; -1 says that there is none.</summary>
    private static void CheckTokenId(string path, JsonElement root, string key)
    {
        if (!root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return;
        var most = root.TryGetProperty("vocab_size", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var count) ? count : long.MaxValue;
        IEnumerable<JsonElement> ids = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];
        if (ids.Any(id => id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out var number) || number < -1 || number >= most))
            throw new ModelFormatException(path, $"a token id below {most} is expected and {Shown(value)} stands there", key);
    }

    private static string Shown(JsonElement value) => value.GetRawText() is var text && text.Length <= 40 ? text : $"{text.AsSpan(0, 40)}...";

    private void Add(string path, JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                Add(path, new MetadataEntry(Prefix + path, MetadataType.Null, string.Empty));
                break;
            case JsonValueKind.Object when depth == 1 && CheckpointLayout.Keys.Contains(path, StringComparer.Ordinal):
                break;
            case JsonValueKind.Object when depth < Deepest:
                foreach (var property in value.EnumerateObject())
                    Add(path.Length == 0 ? property.Name : path + "." + property.Name, property.Value, depth + 1);
                break;
            case JsonValueKind.Object:
                throw new ModelFormatException(_path, $"objects are nested more than {Deepest} deep", path);
            case JsonValueKind.Array:
                Add(path, ArrayEntry(path, value));
                break;
            case JsonValueKind.String:
                Add(path, new MetadataEntry(Prefix + path, MetadataType.String, value.GetString()!));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Add(path, new MetadataEntry(Prefix + path, MetadataType.Boolean, value.GetBoolean() ? "true" : "false"));
                break;
            default:
                Add(path, Number(path, value));
                break;
        }
    }

    private void Add(string path, MetadataEntry entry)
    {
        if (!_entries.TryAdd(entry.Key, entry))
            throw new ModelFormatException(_path, "the same key twice", path);
        if (_entries.Count > MostValues)
            throw new ModelFormatException(_path, $"there are more than {MostValues:N0} values");
    }

    private MetadataEntry Number(string path, JsonElement value)
    {
        if (value.TryGetInt64(out var integer))
            return new MetadataEntry(Prefix + path, MetadataType.Integer, integer.ToString(CultureInfo.InvariantCulture));
        return value.TryGetDouble(out var real) && double.IsFinite(real)
            ? new MetadataEntry(Prefix + path, MetadataType.Float, real.ToString("R", CultureInfo.InvariantCulture))
            : throw new ModelFormatException(_path, $"{value.GetRawText()} is no number that a model can have", path);
    }

    // What is no list of numbers or names stays as it is written: an architecture that does not know the key refuses it.
    private MetadataEntry ArrayEntry(string path, JsonElement array)
    {
        var values = array.EnumerateArray().Take(LongestArray + 1).ToList();
        bool All(Func<JsonElement, bool> holds) => values.Count is > 0 and <= LongestArray && values.TrueForAll(value => holds(value));
        if (All(value => value.ValueKind is JsonValueKind.True or JsonValueKind.False))
            return Entry(MetadataType.IntegerArray, value => value.GetBoolean() ? "1" : "0");
        if (All(value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _)))
            return Entry(MetadataType.IntegerArray, value => value.GetInt64().ToString(CultureInfo.InvariantCulture));
        if (All(value => value.ValueKind == JsonValueKind.Number))
            return Entry(MetadataType.FloatArray, value => Number(path, value).Text);
        if (All(value => value.ValueKind == JsonValueKind.String))
            return Entry(MetadataType.String, value => value.GetString()!);
        var text = values.Count == 0 ? string.Empty : array.GetRawText();
        return new MetadataEntry(Prefix + path, MetadataType.String, text.Length <= LongestArray ? text : text[..LongestArray]);

        MetadataEntry Entry(MetadataType type, Func<JsonElement, string> text) => new(Prefix + path, type, string.Join(',', values.Select(text)));
    }
}
