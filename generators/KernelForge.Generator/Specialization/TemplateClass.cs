using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace KernelForge.Generator.Specialization;

/// <summary>A template class: its text, parsed when it is first needed, and what each name in it is.</summary>
internal sealed class TemplateClass
{
    private readonly Lazy<ClassDeclarationSyntax> declaration;
    private readonly Lazy<Dictionary<string, MethodDeclarationSyntax>> methods;
    private readonly Dictionary<long, Annotation> annotations;

    public TemplateClass(string name, string path, string text, Dictionary<long, Annotation> annotations)
    {
        Name = name;
        Path = path;
        this.annotations = annotations;
        declaration = new(() => CSharpSyntaxTree.ParseText(text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest))
            .GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().First(c => c.Identifier.ValueText == name));
        methods = new(() => declaration.Value.Members.OfType<MethodDeclarationSyntax>().ToDictionary(m => m.Identifier.ValueText, StringComparer.Ordinal));
    }

    public string Name { get; }

    public string Path { get; }

    /// <summary>An instruction-set class, whose methods are always inlined by the JIT.</summary>
    public bool IsInstructionSet => Name.EndsWith("Simd", StringComparison.Ordinal);

    public static long Key(TextSpan span) => ((long)span.Start << 32) | (uint)span.Length;

    /// <summary>Parses the text, if that has not been done.</summary>
    public void Parse() => _ = methods.Value;

    public MethodDeclarationSyntax? Method(string name) => methods.Value.TryGetValue(name, out var method) ? method : null;

    public ExpressionSyntax? ConstantInitializer(string name) => declaration.Value.Members.OfType<FieldDeclarationSyntax>()
        .SelectMany(f => f.Declaration.Variables)
        .FirstOrDefault(v => v.Identifier.ValueText == name)?.Initializer?.Value;

    public bool TryGet(TextSpan span, AnnotationKind kind, out string payload)
    {
        var found = annotations.TryGetValue(Key(span), out var annotation) && annotation.Kind == kind;
        payload = found ? annotation.Payload : string.Empty;
        return found;
    }

    public bool TryGet(TextSpan span, out Annotation annotation) => annotations.TryGetValue(Key(span), out annotation);

    public TemplateException Error(SyntaxNode where, string message)
    {
        var line = where.GetLocation().GetLineSpan().StartLinePosition;
        return new TemplateException($"{Path}({line.Line + 1},{line.Character + 1}): {message}");
    }
}
