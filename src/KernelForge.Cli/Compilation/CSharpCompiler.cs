using KernelForge.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Cli.Compilation;

/// <summary>Compiles generated C# in memory, for the runtime that this process runs on.</summary>
public static class CSharpCompiler
{
    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. PlatformAssemblies().Append(typeof(LanguageModel).Assembly.Location).Distinct(StringComparer.Ordinal).Select(path => MetadataReference.CreateFromFile(path))]);

    /// <summary>Compiles sources to an optimized library and gives its bytes.</summary>
    /// <exception cref="InvalidOperationException">The generated code does not compile: a defect of KernelForge. The message holds the compiler's first errors.</exception>
    public static byte[] Compile(string assemblyName, IEnumerable<GeneratedSource> sources, CancellationToken cancellation = default)
    {
        var parse = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = sources.AsParallel().AsOrdered().Select(source => CSharpSyntaxTree.ParseText(source.Text, parse, source.HintName, System.Text.Encoding.UTF8, cancellation));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: true,
            deterministic: true,
            nullableContextOptions: NullableContextOptions.Enable);
        using var assembly = new MemoryStream();
        var result = CSharpCompilation.Create(assemblyName, trees, References.Value, options).Emit(assembly, cancellationToken: cancellation);
        if (!result.Success)
        {
            var errors = result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(10);
            throw new InvalidOperationException($"The generated code of {assemblyName} does not compile; please report this.{Environment.NewLine}{string.Join(Environment.NewLine, errors)}");
        }

        return assembly.ToArray();
    }

    /// <summary>The runtime's own assemblies. What an application brought with it is left out: generated code needs none of that.</summary>
    private static IEnumerable<string> PlatformAssemblies()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => string.Equals(Path.GetDirectoryName(path), runtime, StringComparison.Ordinal));
    }
}
