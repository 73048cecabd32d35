using System.Text;
using KernelForge.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace KernelForge.Cli.Compilation;

/// <summary>Compiles generated C# with Roslyn, against the libraries of this very process.</summary>
internal static class InMemoryCompiler
{
    /// <summary>The assembly's bytes.</summary>
    /// <exception cref="InvalidOperationException">Generated code does not compile: a defect of the generator.</exception>
    public static byte[] Compile(string assemblyName, IEnumerable<GeneratedSource> sources)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(SourceText.From(source.Text, Encoding.UTF8), parse, source.HintName));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, deterministic: true,
            nullableContextOptions: NullableContextOptions.Enable);
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create(assemblyName, trees, References(), options).Emit(image);
        if (result.Success)
            return image.ToArray();
        var errors = result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(5);
        throw new InvalidOperationException($"The generated code does not compile: {string.Join(" | ", errors)}");
    }

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "KernelForge.dll" or "netstandard.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
}
