using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>How the matrix of a linear node is packed: as its type says, or as float32 where its parts have different layouts (each value exact).</summary>
internal static class LinearLayout
{
    public static PackedLayout Of(LinearNode linear) => IsMixed(linear) ? PackedLayout.Float32 : PackedLayouts.Of(linear.Parts[0].Matrix.Type);

    public static bool IsMixed(LinearNode linear) => linear.Parts.Any(part => PackedLayouts.Of(part.Matrix.Type) != PackedLayouts.Of(linear.Parts[0].Matrix.Type));

    /// <summary>Whether what these matrices read must be quantized.</summary>
    public static bool NeedsQuantized(IEnumerable<LinearPart> parts, ActivationMode activations)
    {
        var types = parts.Select(part => part.Matrix.Type).Distinct().ToList();
        return activations != ActivationMode.Float && types.Count == 1 && PackedLayouts.IsInteger(PackedLayouts.Of(types[0]));
    }
}
