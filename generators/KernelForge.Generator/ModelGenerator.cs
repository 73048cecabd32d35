using KernelForge.Generator.Declarations;
using KernelForge.Generator.Diagnostics;
using KernelForge.Generator.Emission;
using KernelForge.Generator.GraphReading;
using KernelForge.Manifests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator;

/// <summary>Generates a class for each <c>KernelForgeModel</c> item. Every step passes values, so an edit elsewhere recomputes none of them.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ModelGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var settings = context.AnalyzerConfigOptionsProvider
            .Select(static (options, _) => BuildSettings.Read(options.GlobalOptions))
            .WithTrackingName(Steps.Settings);

        var project = context.ParseOptionsProvider
            .Combine(settings)
            .Select(static (pair, _) => ProjectCheck.Of(((CSharpParseOptions)pair.Left).LanguageVersion, pair.Right))
            .WithTrackingName(Steps.Project);

        var items = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancellation) => ModelItem.Read(pair.Left, pair.Right.GetOptions(pair.Left), cancellation))
            .Where(static item => item is not null)
            .Select(static (item, _) => item!)
            .WithTrackingName(Steps.Items);

        var requests = items.Collect()
            .SelectMany(static (all, _) => ModelRequest.Of(all))
            .WithTrackingName(Steps.Requests);

        var classes = requests.Collect()
            .Select(static (all, _) => all.Where(request => request.Name is not null).Select(request => request.Name!.FullName).ToEquatableArray())
            .WithTrackingName(Steps.Classes);

        var userParts = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => UserPart.IsCandidate(node), static (syntax, _) => UserPart.Read(syntax.Node))
            .Combine(classes)
            .Where(static pair => pair.Right.Contains(pair.Left.FullName, StringComparer.Ordinal))
            .Select(static (pair, _) => pair.Left)
            .Collect()
            .Select(static (parts, _) => parts.ToEquatableArray())
            .WithTrackingName(Steps.UserParts);

        var extended = userParts
            .Select(static (parts, _) => parts.Select(part => part.FullName).Distinct(StringComparer.Ordinal).ToEquatableArray())
            .WithTrackingName(Steps.ExtendedClasses);

        var graphs = context.SyntaxProvider
            .ForAttributeWithMetadataName(GraphReader.Attribute, static (node, _) => node is BaseTypeDeclarationSyntax, static (syntax, cancellation) => GraphReader.Read(syntax, cancellation))
            .WithTrackingName(Steps.Graphs);

        var declarations = graphs.Collect()
            .Select(static (all, _) => all.Select(graph => graph.Graph).ToEquatableArray())
            .WithTrackingName(Steps.Declarations);

        var declared = requests
            .Where(static request => request is { Name: not null, IsFirst: true })
            .Combine(declarations)
            .Select(static (pair, _) => new DeclaredRequest(pair.Left, pair.Right.FirstOrDefault(graph => graph.FullName == pair.Left.Name!.FullName)))
            .WithTrackingName(Steps.DeclaredRequests);

        var models = declared
            .Combine(project)
            .Select(static (pair, cancellation) => Plan(pair.Left, pair.Right, cancellation))
            .WithTrackingName(Steps.Plans);

        var kernels = models
            .SelectMany(static (model, cancellation) => ModelCompiler.EmitKernels(model, cancellation))
            .WithTrackingName(Steps.Kernels);

        var mains = models
            .Combine(extended)
            .Select(static (pair, _) => ModelCompiler.EmitMain(pair.Left, pair.Right.Contains(pair.Left.Name.FullName, StringComparer.Ordinal)))
            .WithTrackingName(Steps.Mains);

        var reports = requests.Collect().Combine(models.Collect()).Combine(userParts).Combine(project).Combine(graphs.Collect())
            .Select(static (all, _) => Reports.Of(all.Left.Left.Left.Left, all.Left.Left.Left.Right, all.Left.Left.Right, all.Left.Right, all.Right))
            .WithTrackingName(Steps.Reports);

        context.RegisterSourceOutput(mains, static (output, source) => output.AddSource(source.HintName, source.Text));
        context.RegisterSourceOutput(kernels, static (output, source) => output.AddSource(source.HintName, source.Text));
        context.RegisterSourceOutput(reports, static (output, all) =>
        {
            foreach (var report in all)
                output.ReportDiagnostic(report.ToDiagnostic());
        });
    }

    private static PlannedModel Plan(DeclaredRequest declared, ProjectCheck project, CancellationToken cancellation)
    {
        var (request, graph) = declared;
        var name = request.Name!;
        if (!project.CanCompile || request.Problems.Any(problem => problem.IsError) || graph is { Declaration: null })
            return PlannedModel.Unknown(name, default) with { IsEncoder = graph is { IsEncoder: true } };
        var read = ManifestText.Read(request.Item.Text);
        if (read.Manifest is null)
            return PlannedModel.Unknown(name, EquatableArray.Create(read.Problem!)) with { IsEncoder = graph is { IsEncoder: true } };
        var options = request.Options! with { InstructionSets = project.InstructionSets };
        return ModelCompiler.Plan(read.Manifest, name, graph?.Cache is { } cache ? options with { Cache = cache } : options, graph?.Declaration, cancellation);
    }

    /// <summary>Names of the steps, for tests and for Roslyn's own tracing.</summary>
    public static class Steps
    {
        /// <summary>Build properties.</summary>
        public const string Settings = "KernelForge.Settings";

        /// <summary>What is wrong with the project as a whole.</summary>
        public const string Project = "KernelForge.Project";

        /// <summary>Manifests and what the user chose, as text.</summary>
        public const string Items = "KernelForge.Items";

        /// <summary>The same, checked against each other.</summary>
        public const string Requests = "KernelForge.Requests";

        /// <summary>Names of all classes to generate.</summary>
        public const string Classes = "KernelForge.Classes";

        /// <summary>The user's types of these names.</summary>
        public const string UserParts = "KernelForge.UserParts";

        /// <summary>Their names alone.</summary>
        public const string ExtendedClasses = "KernelForge.ExtendedClasses";

        /// <summary>Graphs declared in C#, with their places.</summary>
        public const string Graphs = "KernelForge.Graphs";

        /// <summary>The same without their places.</summary>
        public const string Declarations = "KernelForge.Declarations";

        /// <summary>Requests with the graph that their class declares.</summary>
        public const string DeclaredRequests = "KernelForge.DeclaredRequests";

        /// <summary>Plans.</summary>
        public const string Plans = "KernelForge.Plans";

        /// <summary>Files with plan, chat template and kernels.</summary>
        public const string Kernels = "KernelForge.Kernels";

        /// <summary>Files with the classes users see.</summary>
        public const string Mains = "KernelForge.Mains";

        /// <summary>Diagnostics.</summary>
        public const string Reports = "KernelForge.Reports";
    }
}
