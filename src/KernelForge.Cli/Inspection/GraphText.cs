using KernelForge.Cli.Commands;
using KernelForge.Cli.Compilation;
using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Language;

namespace KernelForge.Cli.Inspection;

/// <summary>The graph of a model as the C# that declares it (docs/graph-language.md).</summary>
internal static class GraphText
{
    /// <summary>Describes a model and prints its graph.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UserException">The model is of no known architecture, is not sound, or the class name is none.</exception>
    public static string Of(ModelRequest request, string className)
    {
        if (Generator.Declarations.ClassName.Parse(className) is not { } name)
            throw new UserException($"--class '{className}' is no name of a C# class. Write identifiers with dots between, for example Acme.MyModel.");
        var manifest = Describer.Describe(request.Path);
        var result = PlanCompiler.BuildGraph(manifest);
        if (result is { Graph: not null, Declaration: null })
            throw new UserException($"{request.Path}: models of the architecture '{manifest.Architecture}' have several parts, which the graph language does not say. kforge inspect --passes prints the graph for reading.");
        if (result.Declaration is not { } declaration)
            throw new UserException($"{request.Path}: {ModelPlanner.Text(result.Problems)}");
        var values = manifest.Tensors.Sum(tensor => tensor.Shape.Aggregate(1.0, (product, size) => product * size));
        var summary = FormattableString.Invariant($"{manifest.Architecture}, over the weights of {manifest.Source.FileName}: {values:N0} values in {manifest.Tensors.Count:N0} tensors.");
        return DeclarationPrinter.Print(declaration, name.FullName, summary);
    }
}
