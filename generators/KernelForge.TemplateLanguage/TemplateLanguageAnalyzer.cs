using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace KernelForge.TemplateLanguage;

/// <summary>Shows, while a template is typed, what the specialiser could not read.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TemplateLanguageAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        LanguageRules.Construct, LanguageRules.Constant, LanguageRules.Class, LanguageRules.Parameter, LanguageRules.Registers, LanguageRules.Inlined,
        LanguageRules.Call, LanguageRules.LocalName, LanguageRules.Recursion, LanguageRules.Jump,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSyntaxNodeAction(Analyze, SyntaxKind.ClassDeclaration);
    }

    private static void Analyze(SyntaxNodeAnalysisContext context)
    {
        if (TemplateSymbols.IsTemplateClass(context.SemanticModel.GetDeclaredSymbol(context.Node) as ITypeSymbol))
        {
            ClassChecker.Check((ClassDeclarationSyntax)context.Node, context.SemanticModel, context.ReportDiagnostic);
        }
    }
}
