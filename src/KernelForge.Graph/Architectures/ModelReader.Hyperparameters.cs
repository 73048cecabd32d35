using System.Globalization;
using KernelForge.Manifests;

namespace KernelForge.Architectures;

/// <content>Hyper-parameters.</content>
internal sealed partial class ModelReader
{
    public bool Has(Key key) => _metadata.ContainsKey(Name(key));

    /// <summary>
    /// Whether a folder does not say at all what an option is, so that it is its authors' default: <c>null</c> says that it is off. GGUF's converter
    /// leaves out what is off.
    /// </summary>
    public bool IsUnsaid(Key key) => IsFolder && !key.Names(Manifest.Architecture, IsFolder).Any(name => Manifest.Find(name) is not null);

    /// <summary>Whether a folder has an option or an object of this name: <c>null</c> says something too.</summary>
    public bool Says(string name) => Manifest.Metadata.Any(
        entry => entry.Key == FolderConfig.Prefix + name || entry.Key.StartsWith(FolderConfig.Prefix + name + ".", StringComparison.Ordinal));

    /// <summary>The key that a hyper-parameter has in this model: the first of its names that is there, or the likeliest.</summary>
    public string Name(Key key)
    {
        string? likeliest = null;
        string? found = null;
        foreach (var name in key.Names(Manifest.Architecture, IsFolder))
        {
            _asked.Add(name);
            likeliest ??= name;
            if (found is null && _metadata.ContainsKey(name))
                found = name;
        }

        return found ?? likeliest ?? string.Empty;
    }

    /// <summary>An integer in a range. Without a <paramref name="fallback"/> the key is required.</summary>
    public int Integer(Key parameter, int least, int most, int? fallback = null)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry))
            return fallback ?? Missing(key, least);
        if (entry.Type != MetadataType.Integer)
            return WrongType(entry, "an integer", least);
        return InRange(key, entry.Text, least, most);
    }

    /// <summary>Notes an error where the model has a key that says again what is known, and says it differently.</summary>
    public void Repeats(Key parameter, int known)
    {
        var key = Name(parameter);
        if (Has(parameter) && Integer(parameter, int.MinValue, int.MaxValue) is var value && value != known)
            Error(ProblemCodes.HyperparameterContradiction, $"{key} is {value}; the other hyper-parameters make it {known}. Convert the model again.", key);
    }

    /// <summary>Notes an error where the model has a key with another text than what is computed here.</summary>
    public void Expect(Key parameter, params string[] known)
    {
        if (Text(parameter) is { } text && !known.Contains(text, StringComparer.Ordinal))
            Error(ProblemCodes.FeatureUnsupported, $"{Name(parameter)} is '{text}'; this version knows {string.Join(", ", known)}.", Name(parameter));
    }

    /// <summary>Notes an error where a folder switches off what the architecture always has.</summary>
    public void RequireOn(params string[] options)
    {
        foreach (var option in options)
        {
            if (!Flag(new Key(null, option), fallback: true))
                Error(ProblemCodes.FeatureUnsupported, $"{option} is false, which this version does not compile. Use a model of another architecture.", option);
        }
    }

    /// <summary>Lets a folder's options pass that change nothing of what is computed here.</summary>
    public void Accept(params string[] options)
    {
        foreach (var option in options)
            Name(new Key(null, option));
    }

    /// <summary>An integer that a file may also give once for each layer; layers that differ are not supported.</summary>
    /// <param name="parameter">The key.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="least">The least value.</param>
    /// <param name="most">The largest value.</param>
    /// <param name="fallback">Where the key is missing; null: it is required.</param>
    /// <param name="counts">Whether a layer's value counts; null: all do.</param>
    public int IntegerOfLayers(Key parameter, int layers, int least, int most, int? fallback = null, bool[]? counts = null)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry) || entry.Type != MetadataType.IntegerArray)
            return Integer((Key)key, least, most, fallback);
        var values = entry.Text.Split(',');
        if (values.Length != layers)
        {
            Error(ProblemCodes.HyperparameterContradiction, $"{key} has {values.Length} value(s) for {layers} layer(s). Convert the model again.", key);
            return least;
        }

        values = [.. values.Where((_, layer) => counts?[layer] != false)];
        if (values.Length == 0)
            return least;
        if (values.Any(value => value != values[0]))
        {
            Error(ProblemCodes.FeatureUnsupported, $"{key} differs between layers, which this version does not compile.", key);
            return least;
        }

        return InRange(key, values[0], least, most);
    }

    /// <summary>A finite number in a range. Without a <paramref name="fallback"/> the key is required.</summary>
    public double Real(Key parameter, double least, double most, double? fallback = null)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry))
            return fallback ?? Missing(key, least);
        if (entry.Type is not (MetadataType.Float or MetadataType.Integer))
            return WrongType(entry, "a number", least);
        if (double.TryParse(entry.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        var range = string.Format(CultureInfo.InvariantCulture, "{0:R} and {1:R}", least, most);
        Error(ProblemCodes.HyperparameterRange, $"{key} is {entry.Text}; it must lie between {range}. Convert the model again.", key);
        return least;
    }

    /// <summary>Text, or null where the key is missing.</summary>
    public string? Text(Key parameter)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry))
            return null;
        return entry.Type == MetadataType.String ? entry.Text : WrongType<string?>(entry, "a string", null);
    }

    /// <summary>Whether the key is there and holds text.</summary>
    public bool HasText(Key parameter) => _metadata.TryGetValue(Name(parameter), out var entry) && entry.Type == MetadataType.String;

    /// <summary>Whether the key is there and holds integers.</summary>
    public bool HasList(Key parameter) => _metadata.TryGetValue(Name(parameter), out var entry) && entry.Type == MetadataType.IntegerArray;

    /// <summary>true or false.</summary>
    public bool Flag(Key parameter, bool fallback)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry))
            return fallback;
        return entry.Type == MetadataType.Boolean ? entry.Text == "true" : WrongType(entry, "true or false", fallback);
    }

    /// <summary>As many finite numbers above zero as asked for; empty where the key is missing or wrong.</summary>
    public EquatableArray<double> Reals(Key parameter, int count)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry))
            return Missing(key, default(EquatableArray<double>));
        if (entry.Type is not (MetadataType.FloatArray or MetadataType.IntegerArray))
            return WrongType(entry, "an array of numbers", default(EquatableArray<double>));
        var values = new List<double>();
        foreach (var text in entry.Text.Split(','))
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !(value > 0 && value < double.MaxValue))
            {
                Error(ProblemCodes.HyperparameterRange, $"{key} holds '{text}'; every value must be a finite number above 0. Convert the model again.", key);
                return default;
            }

            values.Add(value);
        }

        if (values.Count == count)
            return values.ToEquatableArray();
        Error(ProblemCodes.HyperparameterContradiction, $"{key} has {values.Count} values; {count} are needed. Convert the model again.", key);
        return default;
    }

    /// <summary>Integers, one for each layer; null where the key is missing or is no array.</summary>
    public int[]? Integers(Key parameter, int layers, int least, int most)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry) || entry.Type != MetadataType.IntegerArray)
            return null;
        var values = entry.Text.Split(',');
        if (values.Length == layers)
            return [.. values.Select(value => InRange(key, value, least, most))];
        Error(ProblemCodes.HyperparameterContradiction, $"{key} has {values.Length} value(s) for {layers} layer(s). Convert the model again.", key);
        return null;
    }

    /// <summary>Any number of integers from 0 on; none where the key is missing.</summary>
    public IReadOnlyCollection<int> IntegerList(Key parameter)
    {
        var key = Name(parameter);
        if (!_metadata.TryGetValue(key, out var entry) || entry.Text.Length == 0)
            return [];
        return entry.Type == MetadataType.IntegerArray
            ? [.. entry.Text.Split(',').Select(value => InRange(key, value, 0, int.MaxValue))]
            : WrongType<IReadOnlyCollection<int>>(entry, "an array of integers", []);
    }

    private int InRange(string key, string text, int least, int most)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return (int)value;
        Error(ProblemCodes.HyperparameterRange, $"{key} is {text}; it must lie between {least} and {most}. Convert the model again.", key);
        return least;
    }

    private T Missing<T>(string key, T harmless)
    {
        Error(ProblemCodes.HyperparameterMissing, $"{key} is missing, and the architecture '{Manifest.Architecture}' needs it. Convert the model again.", key);
        return harmless;
    }

    private T WrongType<T>(MetadataEntry entry, string wanted, T harmless)
    {
        Error(ProblemCodes.HyperparameterType, $"{entry.Key} is of the type {entry.Type}; {wanted} is needed. Convert the model again.", entry.Key);
        return harmless;
    }
}
