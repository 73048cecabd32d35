using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>How the matrix of a linear node is packed: as its type says, or as float32 where its parts have different layouts (each value exact).</summary>
internal static class LinearLayout
{
    public static PackedLayout Of(LinearNode linear) => Of(linear.Parts);

    public static bool IsMixed(LinearNode linear) => linear.Parts.Select(part => PackedLayouts.Of(part.Matrix.Type)).Distinct().Count() > 1;

    /// <summary>The layout of matrices that are packed as one tensor.</summary>
    public static PackedLayout Of(IEnumerable<LinearPart> parts)
    {
        var layouts = parts.Select(part => PackedLayouts.Of(part.Matrix.Type)).Distinct().ToList();
        return layouts.Count == 1 ? layouts[0] : PackedLayout.Float32;
    }

    /// <summary>Whether what these matrices read must be quantized.</summary>
    public static bool NeedsQuantized(IEnumerable<LinearPart> parts, ActivationMode activations) =>
        activations != ActivationMode.Float && PackedLayouts.IsInteger(Of(parts));
}
