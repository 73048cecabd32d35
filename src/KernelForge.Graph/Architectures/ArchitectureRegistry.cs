using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>The architectures this version knows. A new one is a file beside this one and a line in it.</summary>
public static class ArchitectureRegistry
{
    private static readonly SortedDictionary<string, Func<ModelReader, ModelGraph?>> Builders = new(StringComparer.Ordinal)
    {
        ["llama"] = Llama.Build,
    };

    /// <summary>Names as GGUF spells them, sorted.</summary>
    public static IReadOnlyCollection<string> Names => Builders.Keys;

    /// <summary>Builds the graph of a model; null where the reader has noted an error.</summary>
    internal static ModelGraph? Build(ModelReader model)
    {
        var name = model.Manifest.Architecture;
        if (Builders.TryGetValue(name, out var build))
            return build(model);
        var found = name.Length == 0 ? "names no architecture" : $"is of the architecture '{name}'";
        model.Error(
            ProblemCodes.ArchitectureUnknown,
            $"The model {found}; this version compiles: {string.Join(", ", Names)}. Use a model of one of these.",
            "general.architecture");
        return null;
    }
}
