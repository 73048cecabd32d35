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
        var architecture = file.Require("general.architecture").RequireText();
        var metadata = file.Metadata.Select(value => Entry(file, value, architecture)).OfType<MetadataEntry>()
            .Concat(VocabularyFacts.Of(file))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal);
        var tensors = file.Tensors.Select(tensor => new TensorEntry(tensor.Name, tensor.Type.Id, tensor.Shape, tensor.Offset, tensor.Length));
        return new Manifest(
            SourceStamp.Compute(file), architecture, metadata.ToEquatableArray(), tensors.ToEquatableArray());
    }

    // Null: what a manifest does not carry.
    private static MetadataEntry? Entry(GgufFile file, GgufValue value, string architecture)
    {
        if (value.Key.StartsWith("kernelforge.", StringComparison.Ordinal) || VocabularyFacts.IsTable(value.Key) || GgufSplit.IsKey(value.Key))
            return null;
        if (value.Type == GgufType.Array)
            return (value.Count <= LongestArray ? ArrayEntry(value) : null) ?? WithoutList(file, value, architecture);
        return value.Type switch
        {
            GgufType.String => new MetadataEntry(value.Key, MetadataType.String, value.Text()),
            GgufType.Boolean => new MetadataEntry(value.Key, MetadataType.Boolean, value.Boolean() ? "true" : "false"),
            GgufType.Float32 or GgufType.Float64 => new MetadataEntry(value.Key, MetadataType.Float, value.FloatText()),
            _ => new MetadataEntry(value.Key, MetadataType.Integer, value.IntegerText()),
        };
    }

    // A hyper-parameter may not get lost: the architecture would take it for absent, and its default for the truth.
    private static MetadataEntry? WithoutList(GgufFile file, GgufValue value, string architecture) =>
        !value.Key.StartsWith(architecture + ".", StringComparison.Ordinal) || value.Key.EndsWith(".classifier.output_labels", StringComparison.Ordinal)
            ? null
            : throw new ModelFormatException(
                file.Path, $"a list of {value.Count:N0} elements of type {value.ElementType}; hyper-parameters are single values, or at most {LongestArray:N0} numbers", value.Key, value.Offset);

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
