using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.TemplateLanguage;

/// <summary>Checks one template class: its form, the form of its methods, and their bodies.</summary>
internal static class ClassChecker
{
    public static void Check(ClassDeclarationSyntax declaration, SemanticModel model, Action<Diagnostic> report)
    {
        CheckForm(declaration, report);
        var facts = new MethodFacts(model, declaration);
        foreach (var member in declaration.Members)
        {
            switch (member)
            {
                case MethodDeclarationSyntax method:
                    CheckMethod(method, model, facts, report);
                    break;
                case FieldDeclarationSyntax field when field.Modifiers.Any(SyntaxKind.ConstKeyword):
                    break;
                default:
                    report(Diagnostic.Create(LanguageRules.Class, member.GetLocation(), "A template class holds constants and static methods only"));
                    break;
            }
        }
    }

    private static void CheckForm(ClassDeclarationSyntax declaration, Action<Diagnostic> report)
    {
        var where = declaration.Identifier.GetLocation();
        if (!declaration.Modifiers.Any(SyntaxKind.StaticKeyword) || declaration.Modifiers.Any(SyntaxKind.PartialKeyword)
            || declaration.TypeParameterList is not null || declaration.Parent is TypeDeclarationSyntax)
        {
            report(Diagnostic.Create(LanguageRules.Class, where, "A template class is static, not partial, not generic and not nested"));
        }
        foreach (var overloads in declaration.Members.OfType<MethodDeclarationSyntax>().GroupBy(m => m.Identifier.ValueText, StringComparer.Ordinal))
        {
            foreach (var overload in overloads.Skip(1))
            {
                report(Diagnostic.Create(LanguageRules.Class, overload.Identifier.GetLocation(), $"'{overloads.Key}' has overloads; give each method its own name"));
            }
        }
    }

    private static void CheckMethod(MethodDeclarationSyntax method, SemanticModel model, MethodFacts facts, Action<Diagnostic> report)
    {
        var name = method.Identifier;
        if (!method.Modifiers.Any(SyntaxKind.StaticKeyword) || method.TypeParameterList is not null || (method.Body is null && method.ExpressionBody is null))
        {
            report(Diagnostic.Create(LanguageRules.Class, name.GetLocation(), $"Method '{name.ValueText}' must be static, have a body and no type parameters"));
            return;
        }

        var symbol = model.GetDeclaredSymbol(method)!;
        var inlined = false;
        foreach (var parameter in symbol.Parameters)
        {
            inlined |= TemplateSymbols.IsRegisters(parameter.Type);
            if (ProblemOf(parameter, facts) is { } problem)
            {
                report(Diagnostic.Create(LanguageRules.Parameter, parameter.Locations[0], parameter.Name, problem));
            }
        }
        if (inlined && (!symbol.ReturnsVoid || method.DescendantNodes().Any(n => n.IsKind(SyntaxKind.ReturnStatement))))
        {
            report(Diagnostic.Create(LanguageRules.Inlined, name.GetLocation(), symbol.Name));
        }
        if (Recursion.Contains(symbol, model.Compilation))
        {
            report(Diagnostic.Create(LanguageRules.Recursion, name.GetLocation(), symbol.Name));
        }

        var checker = new BodyChecker(model, facts, report);
        checker.Visit(method.ParameterList);
        checker.Visit((SyntaxNode?)method.Body ?? method.ExpressionBody);
    }

    private static string? ProblemOf(IParameterSymbol parameter, MethodFacts facts)
    {
        var registers = TemplateSymbols.IsRegisters(parameter.Type);
        if (parameter.RefKind != RefKind.None && !(registers && parameter.RefKind == RefKind.Ref))
        {
            return "only register arrays are passed by ref";
        }
        if (registers && parameter.RefKind == RefKind.None)
        {
            return "a register array is passed by ref";
        }
        if (parameter.IsParams || parameter.HasExplicitDefaultValue)
        {
            return "templates have no optional parameters";
        }
        if (!TemplateSymbols.IsConstantParameter(parameter))
        {
            return null;
        }
        if (!TemplateSymbols.IsFoldable(parameter.Type))
        {
            return "a constant parameter is an int, a bool or an enum";
        }
        return facts.IsFixed(parameter) ? null : "a constant parameter cannot be written";
    }
}
