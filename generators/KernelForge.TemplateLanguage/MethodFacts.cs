using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.TemplateLanguage;

/// <summary>What is known about the locals and the expressions of one class of templates.</summary>
internal sealed class MethodFacts
{
    private readonly SemanticModel model;
    private readonly HashSet<ISymbol> written = new(SymbolEqualityComparer.Default);

    public MethodFacts(SemanticModel model, SyntaxNode root)
    {
        this.model = model;
        foreach (var node in root.DescendantNodes())
        {
            var target = node switch
            {
                AssignmentExpressionSyntax assignment => assignment.Left,
                PrefixUnaryExpressionSyntax unary when unary.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression or SyntaxKind.AddressOfExpression => unary.Operand,
                PostfixUnaryExpressionSyntax unary when !unary.IsKind(SyntaxKind.SuppressNullableWarningExpression) => unary.Operand,
                _ => null,
            };
            if (target is not null && model.GetSymbolInfo(target).Symbol is { } symbol)
            {
                written.Add(symbol);
            }
        }
    }

    /// <summary>The local or parameter keeps the value it starts with.</summary>
    public bool IsFixed(ISymbol symbol) => !written.Contains(symbol);

    /// <summary>The specialiser will know the value (docs/templates.md, Constants).</summary>
    public bool IsConstant(ExpressionSyntax expression)
    {
        if (model.GetConstantValue(expression).HasValue)
        {
            return TemplateSymbols.IsFoldable(model.GetTypeInfo(expression).Type);
        }
        return expression switch
        {
            IdentifierNameSyntax => IsConstantName(model.GetSymbolInfo(expression).Symbol),
            ParenthesizedExpressionSyntax e => IsConstant(e.Expression),
            PrefixUnaryExpressionSyntax e => e.Kind() is SyntaxKind.UnaryMinusExpression or SyntaxKind.LogicalNotExpression or SyntaxKind.BitwiseNotExpression && IsConstant(e.Operand),
            BinaryExpressionSyntax e => IsConstant(e.Left) && IsConstant(e.Right),
            ConditionalExpressionSyntax e => IsConstant(e.Condition) && IsConstant(e.WhenTrue) && IsConstant(e.WhenFalse),
            CastExpressionSyntax e => TemplateSymbols.IsFoldable(model.GetTypeInfo(e).Type) && IsConstant(e.Expression),
            SwitchExpressionSyntax e => IsConstant(e.GoverningExpression) && e.Arms.All(arm => arm.WhenClause is null && IsConstant(arm.Expression)),
            IsPatternExpressionSyntax e => IsConstant(e.Expression),
            InvocationExpressionSyntax e => IsConstantCall(e),
            _ => false,
        };
    }

    private bool IsConstantName(ISymbol? symbol) => symbol switch
    {
        IParameterSymbol parameter => TemplateSymbols.IsConstantParameter(parameter),
        ILocalSymbol local when IsFixed(local) => local.DeclaringSyntaxReferences[0].GetSyntax() switch
        {
            ForEachStatementSyntax loop => TemplateSymbols.IsUnrollRange(model.GetSymbolInfo(loop.Expression).Symbol),
            VariableDeclaratorSyntax { Initializer: { } initializer } => TemplateSymbols.IsFoldable(local.Type) && IsConstant(initializer.Value),
            _ => false,
        },
        _ => false,
    };

    private bool IsConstantCall(InvocationExpressionSyntax call) =>
        model.GetSymbolInfo(call).Symbol is IMethodSymbol method
        && TemplateSymbols.IsTemplateClass(method.ContainingType)
        && TemplateSymbols.IsFoldable(method.ReturnType)
        && method.Parameters.All(TemplateSymbols.IsConstantParameter)
        && method.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is MethodDeclarationSyntax { ExpressionBody: not null })
        && call.ArgumentList.Arguments.All(argument => IsConstant(argument.Expression));
}
