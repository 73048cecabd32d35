using System.Globalization;
using KernelForge.Architectures;
using KernelForge.Graphs;
using KernelForge.Language;
using KernelForge.Manifests;
using KernelForge.Passes;
using KernelForge.Plans;

namespace KernelForge.Compilation;

/// <summary>The way from a manifest to a plan.</summary>
public static class PlanCompiler
{
    /// <summary>Values of the largest head whose attention fits the kernels' scratch: a block of 64 keys and values and a tile of queries.</summary>
    public const int LargestHead = 256;

    /// <summary>Builds the graph of a model and runs all passes. Problems of the model come back in the result; nothing is thrown for them.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="options">What the user chose.</param>
    /// <param name="observe">Sees the printed graph or plan after each pass; printing costs time, so pass null where nobody looks.</param>
    /// <param name="cancellation">Looked at between two passes.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PlanResult Compile(Manifest manifest, PlanOptions options, Action<PassTrace>? observe = null, CancellationToken cancellation = default) =>
        Compile(BuildGraph(manifest), manifest, options, observe, cancellation);

    /// <summary>The same with a graph that a user declares, over the tensors of a model.</summary>
    /// <param name="declaration">The graph.</param>
    /// <param name="manifest">The model that has its weights.</param>
    /// <param name="options">What the user chose.</param>
    /// <param name="cancellation">Looked at between two passes.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PlanResult Compile(GraphDeclaration declaration, Manifest manifest, PlanOptions options, CancellationToken cancellation = default)
    {
        var built = BuildGraph(declaration, manifest);
        try
        {
            return Compile(built, manifest, options, observe: null, cancellation);
        }
        catch (PassException error)
        {
            // What architectures give, every pass can take; a person may put parts together as none does.
            var problem = new ModelProblem(ProblemCodes.FeatureUnsupported, $"No kernels of this version compute this arrangement of parts: {error.Problem}. Arrange them as published models do.");
            return new PlanResult(null, built.Graph, built.Problems.Append(problem).ToEquatableArray()) { ProblemParts = built.ProblemParts };
        }
    }

    private static PlanResult Compile(GraphResult result, Manifest manifest, PlanOptions options, Action<PassTrace>? observe, CancellationToken cancellation)
    {
        var (built, problems) = result;
        if (built is null)
            return new PlanResult(null, null, problems) { ProblemParts = result.ProblemParts };
        if ((ContextProblem(built, options) ?? HeadProblem(built)) is { } problem)
            return new PlanResult(null, null, problems.Append(problem).ToEquatableArray()) { ProblemParts = result.ProblemParts };
        if (Uncompiled.Problem(built) is { } uncompiled)
            return new PlanResult(null, built, problems.Append(uncompiled).ToEquatableArray()) { ProblemParts = result.ProblemParts };
        var graph = options.Context == 0 ? built : built with { Context = options.Context };
        observe?.Invoke(new PassTrace("build", $"Builds the graph of the architecture '{graph.Architecture}'.", GraphPrinter.Print(graph)));
        var plan = Compile(graph, options, manifest.Source, observe, cancellation, out var lowered);
        return new PlanResult(plan, built, problems.Concat(MixedTypes(lowered)).ToEquatableArray()) { ProblemParts = result.ProblemParts };
    }

    /// <summary>Builds the graph only, before any pass.</summary>
    public static GraphResult BuildGraph(Manifest manifest)
    {
        var reader = new ModelReader(manifest);
        var graph = WithVector(reader, ArchitectureRegistry.Build(reader, out var declaration));
        if (reader.Failed || graph is null)
            return new GraphResult(null, reader.Problems);
        reader.WarnOfUnused();
        reader.RefuseLayersBeyond();
        if (reader.Failed)
            return new GraphResult(null, reader.Problems);
        if (GraphVerifier.Problems(graph) is { Count: > 0 } wrong)
            throw new PassException("build", wrong[0]);
        return new GraphResult(graph, reader.Problems) { Declaration = declaration };
    }

    /// <summary>Builds the graph that a user declares, over the tensors of a model.</summary>
    public static GraphResult BuildGraph(GraphDeclaration declaration, Manifest manifest)
    {
        var reader = new ModelReader(manifest, isDeclared: true);
        var names = TensorSchemes.Of(reader, declaration.Tensors);
        if (reader.Failed)
            return new GraphResult(null, reader.Problems) { Declaration = declaration };
        var graph = WithVector(reader, DeclarationBuilder.Build(reader, names, declaration, out var parts));
        if (reader.Failed || graph is null)
            return new GraphResult(null, reader.Problems) { Declaration = declaration, ProblemParts = parts.ToEquatableArray() };
        reader.WarnOfLeft(names);
        if (GraphVerifier.Problems(graph) is { Count: > 0 } wrong)
        {
            reader.Error(ProblemCodes.FeatureUnsupported, $"The parts do not fit together: {wrong[0]}. Arrange them as published models do.", null);
            graph = null;
        }

        return new GraphResult(graph, reader.Problems) { Declaration = declaration, ProblemParts = parts.ToEquatableArray() };
    }

    private static ModelGraph? WithVector(ModelReader reader, ModelGraph? graph) => graph is { Outputs.Count: > 0 } ? graph with { Vector = TextVectors.Read(reader) } : graph;

    /// <summary>Runs all passes over a graph.</summary>
    /// <param name="graph">A sound graph.</param>
    /// <param name="options">What the user chose; the context is the graph's.</param>
    /// <param name="source">Identity of the file that the weights come from.</param>
    /// <param name="observe">Sees what each pass leaves behind, or null.</param>
    /// <exception cref="PassException">A pass is wrong.</exception>
    public static Plan Compile(ModelGraph graph, PlanOptions options, SourceIdentity source, Action<PassTrace>? observe = null) =>
        Compile(graph, options, source, observe, CancellationToken.None, out _);

    private static Plan Compile(ModelGraph graph, PlanOptions options, SourceIdentity source, Action<PassTrace>? observe, CancellationToken cancellation, out ModelGraph lowered)
    {
        foreach (var pass in Pipeline.Graph)
        {
            cancellation.ThrowIfCancellationRequested();
            graph = pass.Run(graph, options);
            if (GraphVerifier.Problems(graph) is { Count: > 0 } wrong)
                throw new PassException(pass.Name, wrong[0]);
            observe?.Invoke(new PassTrace(pass.Name, pass.Purpose, GraphPrinter.Print(graph)));
        }

        lowered = graph;
        var plan = Verified(Pipeline.Lower, Pipeline.LowerPurpose, PlanStage.Lowered, LowerToSteps.Run(graph, options, source), observe);
        foreach (var pass in Pipeline.Plan)
        {
            cancellation.ThrowIfCancellationRequested();
            plan = Verified(pass.Name, pass.Purpose, pass.Stage, pass.Run(plan), observe);
        }

        return plan;
    }

    private static Plan Verified(string name, string purpose, PlanStage stage, Plan plan, Action<PassTrace>? observe)
    {
        if (PlanVerifier.Problems(plan, stage) is { Count: > 0 } wrong)
            throw new PassException(name, wrong[0]);
        observe?.Invoke(new PassTrace(name, purpose, PlanPrinter.Print(plan)));
        return plan;
    }

    private static ModelProblem? ContextProblem(ModelGraph graph, PlanOptions options) =>
        options.Context >= 0 && options.Context <= graph.Context
            ? null
            : new ModelProblem(
                ProblemCodes.OptionRange,
                $"The option Context is {options.Context.ToString(CultureInfo.InvariantCulture)}; the model allows 1 to {graph.Context.ToString(CultureInfo.InvariantCulture)} tokens.",
                "Context");

    private static ModelProblem? HeadProblem(ModelGraph graph) => graph.Nodes.Select(node => node switch { AttentionNode own => own.HeadSize, CrossAttentionNode cross => cross.HeadSize, _ => 0 }).Max() is > LargestHead and var wide
        ? new ModelProblem(
            ProblemCodes.FeatureUnsupported,
            $"Attention heads have {wide.ToString(CultureInfo.InvariantCulture)} values; the kernels of this version compute heads of at most {LargestHead.ToString(CultureInfo.InvariantCulture)}. Use a model with smaller heads.",
            $"{graph.Architecture}.attention.key_length")
        : null;

    private static IEnumerable<ModelProblem> MixedTypes(ModelGraph graph) => graph.Nodes.OfType<LinearNode>()
        .Where(LinearLayout.IsMixed)
        .Select(linear => new ModelProblem(
            ProblemCodes.TypesMixed,
            $"{string.Join(" and ", linear.Parts.Select(part => $"{part.Matrix.Tensor} ({part.Matrix.Type})"))} are computed together and have different types, so they are packed as float32. Quantize them to one type to make them smaller and faster.",
            linear.Parts[0].Matrix.Tensor,
            ProblemSeverity.Warning));
}
