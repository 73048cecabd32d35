using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.TemplateLanguage;

/// <summary>Turns template sources into the resource of the specialiser: texts and annotations, the same bytes for the same sources.</summary>
public static class TemplateCompiler
{
    private const string ImplicitUsings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Net.Http;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    /// <summary>Compiles in memory; the resource is empty if there are errors.</summary>
    /// <param name="sources">Path (as messages shall show it) and text of every file of the kernels project.</param>
    /// <param name="references">The assemblies they refer to.</param>
    /// <param name="errors">What is wrong, of C# and of the template language.</param>
    public static string Compile(IEnumerable<KeyValuePair<string, string>> sources, IEnumerable<MetadataReference> references, out ImmutableArray<Diagnostic> errors)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var trees = sources
            .OrderBy(source => source.Key, StringComparer.Ordinal)
            .Select(source => CSharpSyntaxTree.ParseText(source.Value.Replace("\r\n", "\n"), options, source.Key))
            .ToImmutableArray();
        var compilation = CSharpCompilation.Create(
            "KernelForge.Kernels",
            trees.Add(CSharpSyntaxTree.ParseText(ImplicitUsings, options)),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

        var found = ImmutableArray.CreateBuilder<Diagnostic>();
        found.AddRange(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        var templates = Templates(compilation, trees);
        foreach (var (declaration, model) in templates)
        {
            ClassChecker.Check(declaration, model, found.Add);
        }
        errors = found.ToImmutable();
        return errors.IsEmpty ? Write(templates) : string.Empty;
    }

    private static List<(ClassDeclarationSyntax Declaration, SemanticModel Model)> Templates(Compilation compilation, ImmutableArray<SyntaxTree> trees)
    {
        var found = new List<(ClassDeclarationSyntax, SemanticModel)>();
        foreach (var tree in trees)
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var declaration in tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>())
            {
                if (TemplateSymbols.IsTemplateClass(model.GetDeclaredSymbol(declaration)))
                {
                    found.Add((declaration, model));
                }
            }
        }
        return found;
    }

    private static string Write(List<(ClassDeclarationSyntax Declaration, SemanticModel Model)> templates)
    {
        var enums = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default);
        var files = new StringBuilder();
        foreach (var (declaration, model) in templates)
        {
            var text = declaration.SyntaxTree.ToString();
            var annotations = Annotator.Annotate(model, declaration, enums).OrderBy(a => a.Start).ThenBy(a => a.Length).ThenBy(a => a.Kind).ToList();
            files.AppendInvariant($"file\t{declaration.Identifier.ValueText}\t{declaration.SyntaxTree.FilePath}\t{text.Length}\t{annotations.Count}\n{text}\n");
            foreach (var annotation in annotations)
            {
                files.AppendInvariant($"{annotation.Start}\t{annotation.Length}\t{(char)annotation.Kind}\t{annotation.Payload}\n");
            }
        }

        var result = new StringBuilder("KernelForge templates 1\n");
        foreach (var type in enums.OrderBy(TemplateSymbols.Qualified, StringComparer.Ordinal))
        {
            result.Append("enum\t").Append(TemplateSymbols.Qualified(type));
            foreach (var member in type.GetMembers().OfType<IFieldSymbol>())
            {
                result.AppendInvariant($"\t{member.Name}={TemplateSymbols.FoldableValue(member.ConstantValue!)}");
            }
            result.Append('\n');
        }
        return result.Append(files).ToString();
    }

    private static void AppendInvariant(this StringBuilder builder, FormattableString text) => builder.Append(text.ToString(CultureInfo.InvariantCulture));
}
