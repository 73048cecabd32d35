using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>Naming schemes of tensors, and what a declaration changes in one.</summary>
internal static class TensorSchemes
{
    /// <summary>That of GGUF.</summary>
    public const string Gguf = "gguf";

    /// <summary>That of a llama's folder.</summary>
    public const string HuggingFace = "huggingface";

    private static readonly Dictionary<string, System.Reflection.PropertyInfo> Slots = typeof(DecoderTensors).GetProperties()
        .Where(property => property.CanWrite).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of the slots of a scheme.</summary>
    public static IEnumerable<string> SlotNames => Slots.Keys.OrderBy(name => name, StringComparer.Ordinal);

    /// <summary>The names that a declaration gives the tensors of weights. What is wrong is noted in the reader.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="scheme">A base and its changes.</param>
    public static DecoderTensors Of(ModelReader model, TensorScheme scheme)
    {
        var changed = Base(model, scheme.Base) with { };
        foreach (var change in scheme.Changes)
        {
            // The declaration's types know the slots; a record's own setter is the one place that says what they are.
            if (Slots.TryGetValue(change.Slot, out var slot) && slot.PropertyType == typeof(string))
                slot.SetValue(changed, change.Name);
            else if (slot is not null && bool.TryParse(change.Name, out var flag))
                slot.SetValue(changed, flag);
        }

        return changed;
    }

    private static DecoderTensors Base(ModelReader model, string? name)
    {
        if (name == Gguf)
            return DecoderTensors.Gguf;
        if (name == HuggingFace)
            return new DecoderTensors();
        // A reader of its own: what is wrong with the hyper-parameters is of no interest where a declaration says them.
        if (name is null)
            return ArchitectureRegistry.Tensors(new ModelReader(model.Manifest)) ?? (model.IsFolder ? new DecoderTensors() : DecoderTensors.Gguf);
        if (ArchitectureRegistry.Tensors(new ModelReader(model.Manifest with { Architecture = name })) is { } ofArchitecture)
            return ofArchitecture;
        model.Error(
            DeclarationCodes.SchemeUnknown, $"No architecture is called '{name}'; known are {string.Join(", ", ArchitectureRegistry.Names)}.", "tensors");
        return new DecoderTensors();
    }
}
