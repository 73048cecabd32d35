namespace KernelForge.Graphs;

/// <summary>Prints a graph for people.</summary>
public static class GraphPrinter
{
    /// <summary>One line a node; equal layers in a row are printed once. Deterministic.</summary>
    public static string Print(ModelGraph graph) => throw new NotSupportedException();
}
