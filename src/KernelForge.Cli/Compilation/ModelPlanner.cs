using KernelForge.Cli.Commands;
using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Graphs;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Cli.Compilation;

/// <summary>The way from a model file to its plan, with problems as errors.</summary>
internal static class ModelPlanner
{
    /// <summary>Describes and plans a model.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UserException">The model cannot be compiled.</exception>
    public static PlannedModel Plan(ModelRequest request) => Plan(request, Describer.Describe(request.Path));

    /// <summary>Plans a model that was described.</summary>
    /// <exception cref="UserException">The model cannot be compiled.</exception>
    public static PlannedModel Plan(ModelRequest request, Manifest manifest, Action<PassTrace>? observe = null)
    {
        var result = PlanCompiler.Compile(manifest, request.PlanOptions, observe);
        if (result.Plan is not { } plan || result.Graph is null)
            throw new UserException($"{request.Path}: {Text(result.Problems)}");
        return new PlannedModel(manifest, plan, Convert.ToHexStringLower(PlanEncoding.Hash(plan)), result);
    }

    /// <summary>Describes a model and builds its graph, which the float interpreter runs whether kernels for it are there or not.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UserException">The model is of no known architecture, or is not sound.</exception>
    public static ModelGraph Graph(ModelRequest request)
    {
        var result = PlanCompiler.BuildGraph(Describer.Describe(request.Path));
        return result.Graph ?? throw new UserException($"{request.Path}: {Text(result.Problems)}");
    }

    /// <summary>Problems as one text, a line each.</summary>
    public static string Text(IEnumerable<ModelProblem> problems) =>
        string.Join(Environment.NewLine, problems.Select(problem => $"{problem.Code}: {problem.Message}{(problem.Where is null ? "" : $" ('{problem.Where}')")}"));
}

/// <summary>A model and its plan.</summary>
/// <param name="Manifest">What the file says.</param>
/// <param name="Plan">How it is computed.</param>
/// <param name="Hash">Hexadecimal hash of the plan.</param>
/// <param name="Result">The graph, and warnings.</param>
internal sealed record PlannedModel(Manifest Manifest, Plan Plan, string Hash, PlanResult Result);
