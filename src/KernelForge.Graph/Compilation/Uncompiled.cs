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
        graph.Outputs.Count > 0 ? "Encoders are" : graph.Parts.Count > 0 ? "Models that read an encoder are" : null;
}
