using KernelForge.Formats.Gguf;
using KernelForge.Manifests;

namespace KernelForge.Formats.Description;

/// <summary>Reads what the compiler needs to know of a model file: headers and a few samples, milliseconds even for large files.</summary>
public static class Describer
{
    /// <summary>The longest numeric array that a manifest carries: head counts of every layer, not the vocabulary.</summary>
    public const int LongestArray = 1024;

    /// <summary>Describes a GGUF file or a folder.</summary>
    /// <exception cref="ModelFormatException">It cannot be read as a model.</exception>
    public static Manifest Describe(string path)
    {
        using var model = ModelFile.Open(path);
        return model.Describe();
    }

    /// <summary>Describes an open GGUF file.</summary>
    /// <exception cref="ModelFormatException">The file cannot be read as a model.</exception>
    public static Manifest Describe(GgufFile file)
    {
        if (file.Find("split.count") is { IsInteger: true, Type: not GgufType.Array } split && split.Integer() > 1)
            throw new ModelFormatException(
                file.Path, $"the model is split over {split.Integer()} files", "split.count", split.Offset, "Join them with 'llama-gguf-split --merge'.");

        var metadata = file.Metadata.Select(Entry).OfType<MetadataEntry>()
            .Concat(VocabularyFacts.Of(file))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal);
        var tensors = file.Tensors.Select(tensor => new TensorEntry(tensor.Name, tensor.Type.Id, tensor.Shape, tensor.Offset, tensor.Length));
        return new Manifest(
            SourceStamp.Compute(file), file.Require("general.architecture").Text(), metadata.ToEquatableArray(), tensors.ToEquatableArray());
    }

    // Null: what a manifest does not carry.
    private static MetadataEntry? Entry(GgufValue value)
    {
        if (value.Key.StartsWith("kernelforge.", StringComparison.Ordinal) || VocabularyFacts.IsTable(value.Key))
            return null;
        if (value.Type == GgufType.Array)
            return value.Count <= LongestArray ? ArrayEntry(value) : null;
        return value.Type switch
        {
            GgufType.String => new MetadataEntry(value.Key, MetadataType.String, value.Text()),
            GgufType.Boolean => new MetadataEntry(value.Key, MetadataType.Boolean, value.Boolean() ? "true" : "false"),
            GgufType.Float32 or GgufType.Float64 => new MetadataEntry(value.Key, MetadataType.Float, value.FloatText()),
            _ => new MetadataEntry(value.Key, MetadataType.Integer, value.IntegerText()),
        };
    }

    private static MetadataEntry? ArrayEntry(GgufValue value)
    {
        var elements = Enumerable.Range(0, value.Count);
        if (value.IsInteger)
            return new MetadataEntry(value.Key, MetadataType.IntegerArray, string.Join(',', elements.Select(value.IntegerText)));
        if (value.IsFloat)
            return new MetadataEntry(value.Key, MetadataType.FloatArray, string.Join(',', elements.Select(value.FloatText)));
        return value.ElementType == GgufType.Boolean
            ? new MetadataEntry(value.Key, MetadataType.IntegerArray, string.Join(',', elements.Select(i => value.Boolean(i) ? "1" : "0")))
            : null;
    }
}
