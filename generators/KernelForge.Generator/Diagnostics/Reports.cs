using System.Collections.Immutable;
using KernelForge.Generator.Declarations;

namespace KernelForge.Generator.Diagnostics;

/// <summary>Gathers all problems of a project and finds their places.</summary>
internal static class Reports
{
    public static EquatableArray<ProblemReport> Of(
        ImmutableArray<ModelRequest> requests, ImmutableArray<PlannedModel> models, EquatableArray<UserPart> userParts, ProjectCheck project)
    {
        var reports = new List<ProblemReport>();
        if (requests.Length > 0)
            reports.AddRange(project.Problems.Select(problem => new ProblemReport(problem, Place: null)));
        foreach (var request in requests)
            reports.AddRange(request.Problems.Select(problem => InManifest(problem, request.Item)));
        foreach (var model in models)
        {
            var item = requests.First(request => request.IsFirst && model.Name.Equals(request.Name)).Item;
            reports.AddRange(model.Problems.Select(problem => InManifest(problem, item)));
        }

        reports.AddRange(userParts.Select(OfUserPart).Where(report => report is not null).Select(report => report!));
        return reports.Distinct().ToEquatableArray();
    }

    /// <summary>A model's problem is shown at the line of the manifest that speaks of the key or tensor.</summary>
    private static ProblemReport InManifest(ModelProblem problem, ModelItem item) =>
        new(problem, SourcePlace.LineWith(item.Path, item.Text, problem.Where));

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
