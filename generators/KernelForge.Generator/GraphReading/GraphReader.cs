using KernelForge.Generator.Declarations;
using KernelForge.Generator.Diagnostics;
using KernelForge.Language;
using KernelForge.Plans;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.GraphReading;

/// <summary>Reads a class that carries <c>[TransformerGraph]</c>.</summary>
internal static class GraphReader
{
    /// <summary>Full name of the attribute.</summary>
    public const string Attribute = "KernelForge.TransformerGraphAttribute";

    private const string Define = "Define";

    /// <summary>Reads the class of a syntax context.</summary>
    public static ReadGraph Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation) => Read(
        context.SemanticModel.Compilation, (INamedTypeSymbol)context.TargetSymbol, (BaseTypeDeclarationSyntax)context.TargetNode, context.Attributes[0], cancellation);

    /// <summary>Reads a class. Nothing of it is run.</summary>
    /// <param name="compilation">The program that it is a part of.</param>
    /// <param name="type">The class.</param>
    /// <param name="syntax">The part of it that carries the attribute.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ReadGraph Read(
        Microsoft.CodeAnalysis.Compilation compilation, INamedTypeSymbol type, BaseTypeDeclarationSyntax syntax, AttributeData attribute, CancellationToken cancellation)
    {
        var @class = SourcePlace.Of(syntax.Identifier.GetLocation());
        var weights = Named(attribute, nameof(DeclaredGraph.Weights)) as string;
        CacheFormat? cache = Named(attribute, nameof(DeclaredGraph.Cache)) is int number && Enum.IsDefined(typeof(CacheFormat), number) ? (CacheFormat)number : null;
        var graph = new DeclaredGraph(FullName(type), weights, cache, SaysEncoder(syntax), null);
        var places = new GraphPlaces(@class, PlaceOfWeights(attribute, cancellation) ?? @class, new CallPlaces(@class, default), default);
        if (TypeProblem(type, syntax) is { } problem)
            return new ReadGraph(graph, places, EquatableArray.Create(new ProblemReport(problem, @class)));

        var evaluator = new Evaluator(compilation, cancellation);
        try
        {
            var (method, at) = MethodOf(type, syntax, cancellation);
            var operation = evaluator.OperationOf(at) ?? throw new InvalidCodeException(at);
            if (evaluator.Apply(evaluator.Function(method, operation, new Scope(null)), [], operation) is not ReadValue { Root.Arguments: { } root } value)
                throw new ReadException(DeclarationCodes.BranchDetached, "Define gives no graph that begins with Graph.Decoder or Graph.Encoder.", at);
            var declaration = LanguageCalls.Declaration(value);
            places = places with
            {
                Root = evaluator.PlacesOf(root),
                Parts = declaration.AllParts().Select(part => evaluator.PlacesOf(part) ?? places.Root).ToEquatableArray(),
            };
            return new ReadGraph(graph with { Declaration = declaration }, places, default);
        }
        catch (ReadException error)
        {
            return new ReadGraph(graph, places, EquatableArray.Create(new ProblemReport(new ModelProblem(error.Code, error.Message), SourcePlace.Of(error.At))));
        }
        catch (InvalidCodeException error)
        {
            // Where the C# compiler says what is wrong, a skeleton of the class keeps the rest of the program as it is.
            return new ReadGraph(graph, places, UnknownName.Problem(compilation, error.At, cancellation) is { } unknown ? EquatableArray.Create(unknown) : default);
        }
    }

    private static ModelProblem? TypeProblem(INamedTypeSymbol type, BaseTypeDeclarationSyntax syntax)
    {
        if (syntax is not ClassDeclarationSyntax || type.ContainingType is not null || type.IsGenericType || type.IsStatic || type.IsAbstract)
        {
            return new ModelProblem(
                DeclarationCodes.ClassKind, $"{type.Name} becomes a model, so it must be a class in a namespace: not nested, generic, static or abstract, no struct and no record.");
        }

        return syntax.Modifiers.Any(SyntaxKind.PartialKeyword)
            ? null
            : new ModelProblem(DeclarationCodes.ClassNotPartial, $"{type.Name} carries [TransformerGraph], so the generator adds a part to it. Declare it as partial class.");
    }

    private static (IMethodSymbol Method, SyntaxNode At) MethodOf(INamedTypeSymbol type, BaseTypeDeclarationSyntax syntax, CancellationToken cancellation)
    {
        var methods = type.GetMembers(Define).OfType<IMethodSymbol>().ToList();
        var method = methods.Find(method => method is { IsStatic: true, Parameters.Length: 0, IsGenericMethod: false, ReturnType: { Name: "Graph", ContainingNamespace.Name: "Modeling" } });
        var at = (method?.PartialImplementationPart ?? method ?? methods.FirstOrDefault())?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation);
        if (method is not null && at is MethodDeclarationSyntax { Body: not null } or MethodDeclarationSyntax { ExpressionBody: not null })
            return (method!, at);
        var place = at is MethodDeclarationSyntax other ? other.Identifier : syntax.Identifier;
        throw new ReadException(DeclarationCodes.DefineMissing, $"{type.Name} declares no graph: it needs a method static Graph Define() without parameters.", place.GetLocation());
    }

    // By its syntax: a graph that cannot be read should still be of the right kind for the rest of the program.
    private static bool SaysEncoder(SyntaxNode type) => type.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Any(access => access is
    {
        Name.Identifier.ValueText: "Encoder",
        Expression: IdentifierNameSyntax { Identifier.ValueText: "Graph" } or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Graph" },
    });

    private static object? Named(AttributeData attribute, string name) => attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value;

    private static SourcePlace? PlaceOfWeights(AttributeData attribute, CancellationToken cancellation) =>
        (attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) as AttributeSyntax)?.ArgumentList?.Arguments
            .FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == nameof(DeclaredGraph.Weights)) is { } argument
            ? SourcePlace.Of(argument.Expression.GetLocation())
            : null;

    private static string FullName(INamedTypeSymbol type) =>
        type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." + type.Name : type.Name;
}
