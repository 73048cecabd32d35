using KernelForge.Graphs;
using KernelForge.Language;
using KernelForge.Plans;

namespace KernelForge.Compilation;

/// <summary>A plan, or why there is none.</summary>
/// <param name="Plan">Null where a problem is an error.</param>
/// <param name="Graph">The graph as the architecture built it, before any pass; null where a problem is an error of the model. A sound graph may still hold what no kernel computes.</param>
/// <param name="Problems">Errors and warnings.</param>
public sealed record PlanResult(Plan? Plan, ModelGraph? Graph, EquatableArray<ModelProblem> Problems)
{
    /// <summary>As in <see cref="GraphResult"/>; problems beyond it belong to no part.</summary>
    public EquatableArray<int> ProblemParts { get; init; }
}

/// <summary>A graph, or why there is none.</summary>
/// <param name="Graph">Null where a problem is an error.</param>
/// <param name="Problems">Errors and warnings.</param>
public sealed record GraphResult(ModelGraph? Graph, EquatableArray<ModelProblem> Problems)
{
    /// <summary>The graph in the graph language; null where there is none.</summary>
    public GraphDeclaration? Declaration { get; init; }

    /// <summary>Of each problem of a declared graph the part that it is about, by its place among <see cref="GraphDeclaration.AllParts"/>; -1: the whole.</summary>
    public EquatableArray<int> ProblemParts { get; init; }
}

/// <summary>What a pass left behind.</summary>
/// <param name="Pass">Its name, e.g. <c>fuse projections</c>.</param>
/// <param name="Purpose">What it does, in one sentence.</param>
/// <param name="Text">The graph or plan after it, printed.</param>
public sealed record PassTrace(string Pass, string Purpose, string Text);
