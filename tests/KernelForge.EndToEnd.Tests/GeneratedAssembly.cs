using System.Runtime.Loader;
using KernelForge.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code as a user's compiler would treat it: compiled into a file, loaded from there.</summary>
internal static class GeneratedAssembly
{
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "KernelForge.dll" or "netstandard.dll")
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>Compiles sources into an assembly.</summary>
    public static void Emit(string path, IEnumerable<GeneratedSource> sources)
    {
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, path: source.HintName));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true);
        var result = CSharpCompilation.Create(Path.GetFileNameWithoutExtension(path), trees, References, options).Emit(path);
        if (!result.Success)
        {
            throw new InvalidOperationException(string.Join(
                Environment.NewLine, result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(20)));
        }
    }

    /// <summary>Loads one of its models.</summary>
    public static TModel Load<TModel>(string path, string className, ModelOptions options)
        where TModel : KernelForge.CompiledModel
    {
        var type = AssemblyLoadContext.Default.LoadFromAssemblyPath(path).GetType(className, throwOnError: true)!;
        return (TModel)type.GetMethod("Load")!.Invoke(null, [options])!;
    }
}
