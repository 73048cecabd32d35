using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>How the matrix of a linear node is packed: as its type says, or as float32 where its parts have different layouts (each value exact).</summary>
internal static class LinearLayout
{
    public static PackedLayout Of(LinearNode linear) => IsMixed(linear) ? PackedLayout.Float32 : PackedLayouts.Of(linear.Parts[0].Matrix.Type);

    public static bool IsMixed(LinearNode linear) => linear.Parts.Any(part => PackedLayouts.Of(part.Matrix.Type) != PackedLayouts.Of(linear.Parts[0].Matrix.Type));

    /// <summary>Whether the node's input must be quantized.</summary>
    public static bool NeedsQuantized(LinearNode linear, ActivationMode activations) =>
        activations != ActivationMode.Float && PackedLayouts.IsInteger(Of(linear));
}
