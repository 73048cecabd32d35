using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.TemplateLanguage;

/// <summary>Checks the body of a template method.</summary>
internal sealed class BodyChecker(SemanticModel model, MethodFacts facts, Action<Diagnostic> report) : CSharpSyntaxWalker
{
    public override void Visit(SyntaxNode? node)
    {
        if (node is not null && !AllowedSyntax.Contains(node.Kind()))
        {
            Report(LanguageRules.Construct, node.GetLocation(), Describe(node));
            return;
        }
        base.Visit(node);
    }

    public override void VisitVariableDeclarator(VariableDeclaratorSyntax node)
    {
        CheckName(node.Identifier);
        if (model.GetDeclaredSymbol(node) is ILocalSymbol local && TemplateSymbols.IsRegisters(local.Type))
        {
            CheckRegisters(node, local);
            return;
        }
        base.VisitVariableDeclarator(node);
    }

    public override void VisitParameter(ParameterSyntax node)
    {
        CheckName(node.Identifier);
        base.VisitParameter(node);
    }

    public override void VisitIdentifierName(IdentifierNameSyntax node)
    {
        var symbol = model.GetSymbolInfo(node).Symbol;
        var type = symbol switch { ILocalSymbol l => l.Type, IParameterSymbol p => p.Type, _ => null };
        if (TemplateSymbols.IsRegisters(type)
            && !(node.Parent is ElementAccessExpressionSyntax or ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword }))
        {
            Report(LanguageRules.Registers, node.GetLocation(), node.Identifier.ValueText);
        }
    }

    public override void VisitElementAccessExpression(ElementAccessExpressionSyntax node)
    {
        if (TemplateSymbols.IsRegisters(model.GetTypeInfo(node.Expression).Type))
        {
            RequireConstant(node.ArgumentList.Arguments[0].Expression, "The index of a register array");
        }
        base.VisitElementAccessExpression(node);
    }

    public override void VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        if (node.Initializer is not null || model.GetTypeInfo(node).Type is not { IsValueType: true } type || TemplateSymbols.IsRegisters(type))
        {
            Report(LanguageRules.Construct, node.GetLocation(), "This 'new'");
            return;
        }
        base.VisitObjectCreationExpression(node);
    }

    public override void VisitForEachStatement(ForEachStatementSyntax node)
    {
        CheckName(node.Identifier);
        if (!TemplateSymbols.IsUnrollRange(model.GetSymbolInfo(node.Expression).Symbol) || node.Expression is not InvocationExpressionSyntax range)
        {
            Report(LanguageRules.Construct, node.Expression.GetLocation(), "foreach over anything but Unroll.Range");
            return;
        }
        foreach (var bound in range.ArgumentList.Arguments)
        {
            RequireConstant(bound.Expression, "A bound of Unroll.Range");
            Visit(bound.Expression);
        }
        Jumps.Check(node, report);
        Visit(node.Statement);
    }

    public override void VisitSwitchStatement(SwitchStatementSyntax node)
    {
        RequireConstant(node.Expression, "What a switch statement decides on");
        Jumps.Check(node, report);
        base.VisitSwitchStatement(node);
    }

    public override void VisitSwitchExpression(SwitchExpressionSyntax node)
    {
        RequireConstant(node.GoverningExpression, "What a switch expression decides on");
        base.VisitSwitchExpression(node);
    }

    public override void VisitIsPatternExpression(IsPatternExpressionSyntax node)
    {
        RequireConstant(node.Expression, "The left side of 'is'");
        base.VisitIsPatternExpression(node);
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (model.GetSymbolInfo(node).Symbol is not IMethodSymbol method)
        {
            return; // The C# compiler says what is wrong with it.
        }
        if (ProblemOf(method) is { } problem)
        {
            Report(LanguageRules.Call, node.Expression.GetLocation(), method.Name, problem);
        }
        CheckArguments(node, method);
        base.VisitInvocationExpression(node);
    }

    private void CheckArguments(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        var arguments = call.ArgumentList.Arguments;
        var isTemplate = TemplateSymbols.IsTemplateClass(method.ContainingType) || TemplateSymbols.IsEpilogueHole(method.ContainingType);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].NameColon is not null)
            {
                Report(LanguageRules.Construct, arguments[i].GetLocation(), "A named argument");
            }
            if (!arguments[i].RefKindKeyword.IsKind(SyntaxKind.None) && !(isTemplate && TemplateSymbols.IsRegisters(model.GetTypeInfo(arguments[i].Expression).Type)))
            {
                Report(LanguageRules.Construct, arguments[i].GetLocation(), "A ref argument other than a register array");
            }
            if (i < method.Parameters.Length && TemplateSymbols.IsConstantParameter(method.Parameters[i]))
            {
                RequireConstant(arguments[i].Expression, $"The argument of '{method.Parameters[i].Name}'");
            }
        }
    }

    private void CheckRegisters(VariableDeclaratorSyntax node, ILocalSymbol local)
    {
        if (node.Initializer?.Value is not ObjectCreationExpressionSyntax { ArgumentList.Arguments: { Count: 1 } arguments, Initializer: null })
        {
            Report(LanguageRules.Registers, node.Identifier.GetLocation(), local.Name);
            return;
        }
        RequireConstant(arguments[0].Expression, "The length of a register array");
        Visit(arguments[0].Expression);
    }

    private static string? ProblemOf(IMethodSymbol method)
    {
        if (TemplateSymbols.IsTemplateClass(method.ContainingType) || TemplateSymbols.IsEpilogueHole(method.ContainingType) || TemplateSymbols.IsUnrollRange(method))
        {
            return null;
        }
        if (method.MethodKind is MethodKind.DelegateInvoke or MethodKind.FunctionPointerSignature)
        {
            return "it is no method";
        }
        if (method.ReducedFrom is null && !method.IsStatic)
        {
            return "templates call static methods only";
        }
        return method.ContainingNamespace.ToDisplayString().StartsWith("KernelForge.Kernels", StringComparison.Ordinal)
            ? "its class is not marked [KernelTemplate]"
            : null;
    }

    private void CheckName(SyntaxToken name)
    {
        if (name.ValueText.Length > 0 && char.IsUpper(name.ValueText[0]))
        {
            Report(LanguageRules.LocalName, name.GetLocation(), name.ValueText);
        }
    }

    private void RequireConstant(ExpressionSyntax expression, string what)
    {
        if (!facts.IsConstant(expression))
        {
            Report(LanguageRules.Constant, expression.GetLocation(), what);
        }
    }

    private static string Describe(SyntaxNode node)
    {
        var text = node.ToString();
        var end = text.IndexOfAny(['\r', '\n']);
        text = end < 0 ? text : text.Substring(0, end);
        return $"'{(text.Length > 60 ? text.Substring(0, 60) + "..." : text)}' ({node.Kind()})";
    }

    private void Report(DiagnosticDescriptor rule, Location where, params object[] arguments) => report(Diagnostic.Create(rule, where, arguments));
}
