using KernelForge.Graphs;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Compilation;

/// <summary>The way from a manifest to a plan.</summary>
public static class PlanCompiler
{
    /// <summary>Builds the graph of a model and runs all passes. Problems of the model come back in the result; nothing is thrown for them.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="options">What the user chose.</param>
    /// <param name="observe">Sees the printed graph or plan after each pass; printing costs time, so pass null where nobody looks.</param>
    public static PlanResult Compile(Manifest manifest, PlanOptions options, Action<PassTrace>? observe = null) =>
        throw new NotSupportedException();

    /// <summary>Builds the graph only, before any pass.</summary>
    public static GraphResult BuildGraph(Manifest manifest) => throw new NotSupportedException();
}

/// <summary>A plan, or why there is none.</summary>
/// <param name="Plan">Null where a problem is an error.</param>
/// <param name="Graph">The graph as the architecture built it, before any pass; null where a problem is an error.</param>
/// <param name="Problems">Errors and warnings.</param>
public sealed record PlanResult(Plan? Plan, ModelGraph? Graph, EquatableArray<ModelProblem> Problems);

/// <summary>A graph, or why there is none.</summary>
public sealed record GraphResult(ModelGraph? Graph, EquatableArray<ModelProblem> Problems);

/// <summary>What a pass left behind.</summary>
/// <param name="Pass">Its name, e.g. <c>fuse projections</c>.</param>
/// <param name="Purpose">What it does, in one sentence.</param>
/// <param name="Text">The graph or plan after it, printed.</param>
public sealed record PassTrace(string Pass, string Purpose, string Text);
