using KernelForge.Graphs;

namespace KernelForge.Compilation;

/// <summary>What a graph may hold that no kernel of this version computes.</summary>
internal static class Uncompiled
{
    /// <summary>The first such thing as an error, or null.</summary>
    public static ModelProblem? Problem(ModelGraph graph) => Feature(graph) is { } feature
        ? new ModelProblem(
            ProblemCodes.FeatureUnsupported,
            $"{feature} not compiled yet; a model of the architecture '{graph.Architecture}' does not run without. Use one of another architecture.",
            graph.Architecture)
        : null;

    private static string? Feature(ModelGraph graph) =>
        graph.Parts.Any(part => part.Input is GraphInput.Patches)
            ? "Models that read images before they write are"
            : graph.Nodes.Select(node => Feature(graph, node)).FirstOrDefault(feature => feature is not null);

    private static string? Feature(ModelGraph graph, Node node) => node switch
    {
        AttentionNode { IsBidirectional: true, Part: 0 } when graph.Outputs.Count == 0 => "Attention both ways in a decoder is",
        CrossAttentionNode { Part: 0 } when graph.Outputs.Count > 0 && graph.Parts.Count > 0 => "An encoder that reads more than its own input is",
        PixelShuffleNode or FusionNode => "Models that read more than tokens are",
        _ => null,
    };
}
