using System.Collections.Immutable;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.GraphReading;
using KernelForge.Language;

namespace KernelForge.Generator.Diagnostics;

/// <summary>Gathers all problems of a project and finds their places.</summary>
internal static class Reports
{
    public static EquatableArray<ProblemReport> Of(
        ImmutableArray<ModelRequest> requests, ImmutableArray<PlannedModel> models, EquatableArray<UserPart> userParts, ProjectCheck project, ImmutableArray<ReadGraph> graphs)
    {
        var reports = new List<ProblemReport>();
        if (requests.Length > 0)
            reports.AddRange(project.Problems.Select(problem => new ProblemReport(problem, Place: null)));
        foreach (var request in requests)
            reports.AddRange(request.Problems.Select(problem => InManifest(problem, request.Item)));
        reports.AddRange(graphs.SelectMany(graph => OfGraph(graph, requests, models)));
        foreach (var model in models)
        {
            var item = requests.First(request => request.IsFirst && model.Name.Equals(request.Name)).Item;
            reports.AddRange(model.Problems.Select(problem => InManifest(problem, item)));
        }

        // A class that declares a graph has its own words for what is wrong with it.
        var declaring = new HashSet<string>(graphs.Select(graph => graph.Graph.FullName), StringComparer.Ordinal);
        reports.AddRange(userParts.Where(part => !declaring.Contains(part.FullName)).Select(OfUserPart).Where(report => report is not null).Select(report => report!));
        return reports.Distinct().ToEquatableArray();
    }

    /// <summary>A model's problem is shown at the line of the manifest that speaks of the key or tensor.</summary>
    private static ProblemReport InManifest(ModelProblem problem, ModelItem item) =>
        new(problem, SourcePlace.LineWith(item.Path, item.Text, problem.Where));

    private static IEnumerable<ProblemReport> OfGraph(ReadGraph read, ImmutableArray<ModelRequest> requests, ImmutableArray<PlannedModel> models)
    {
        var (graph, places, problems) = read;
        var request = requests.FirstOrDefault(request => request is { IsFirst: true } && request.Name?.FullName == graph.FullName);
        if (request is null)
        {
            return problems.Append(new(
                new(DeclarationCodes.WeightsMissing, $"{graph.FullName} has no weights: no KernelForgeModel item names it. Add one to the project, for example <KernelForgeModel Include=\"{graph.Weights ?? "models/my-model.gguf"}\" Class=\"{graph.FullName}\" />."),
                places.Weights));
        }

        if (graph.Weights is { } weights && FileName(weights) != FileName(request.Item.SourceName))
        {
            problems = problems.Append(new(
                new(DeclarationCodes.WeightsDiffer, $"The attribute names the weights {weights}, and the KernelForgeModel item of {graph.FullName} has {request.Item.SourceName}. Make them one, or leave Weights out."),
                places.Weights)).ToEquatableArray();
        }

        var planned = models.FirstOrDefault(model => model.Name.FullName == graph.FullName);
        return problems.Concat((planned?.PartProblems ?? default).Select(problem => new ProblemReport(problem.Problem, places.Of(problem.Part, problem.Problem.Where))));
    }

    private static string FileName(string path) => path.Split('/', '\\').LastOrDefault(part => part.Length > 0) ?? string.Empty;

    private static ProblemReport? OfUserPart(UserPart part)
    {
        if (!part.IsClass)
        {
            return new(
                new(GeneratorCodes.UserPartNotClass, $"{part.FullName} is the class of a KernelForgeModel item, but this type is no class without type parameters. Rename one of the two."),
                part.Place);
        }

        return part.IsPartial
            ? null
            : new(new(GeneratorCodes.UserPartNotPartial, $"{part.FullName} is generated from a model. Declare this part of it as partial class."), part.Place);
    }
}
