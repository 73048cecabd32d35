using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Decides at build time which branch of a <c>switch</c> or <c>is</c> on a constant is taken.</summary>
internal static class PatternMatching
{
    public static bool Matches(PatternSyntax pattern, Constant value, Func<ExpressionSyntax, Constant> evaluate) => pattern switch
    {
        DiscardPatternSyntax => true,
        ParenthesizedPatternSyntax p => Matches(p.Pattern, value, evaluate),
        ConstantPatternSyntax p => evaluate(p.Expression).Equals(value),
        UnaryPatternSyntax p => !Matches(p.Pattern, value, evaluate),
        BinaryPatternSyntax p when p.IsKind(SyntaxKind.OrPattern) => Matches(p.Left, value, evaluate) || Matches(p.Right, value, evaluate),
        BinaryPatternSyntax p => Matches(p.Left, value, evaluate) && Matches(p.Right, value, evaluate),
        RelationalPatternSyntax p => ConstantFolding.Binary(Comparison(p.OperatorToken.Kind()), value, evaluate(p.Expression)) is { IsTrue: true },
        _ => throw new InvalidOperationException($"The analyzer lets no {pattern.Kind()} through."),
    };

    public static bool Matches(SwitchSectionSyntax section, Constant value, Func<ExpressionSyntax, Constant> evaluate) => section.Labels.Any(label => label switch
    {
        CaseSwitchLabelSyntax l => evaluate(l.Value).Equals(value),
        CasePatternSwitchLabelSyntax l => Matches(l.Pattern, value, evaluate),
        _ => false,
    });

    private static SyntaxKind Comparison(SyntaxKind token) => token switch
    {
        SyntaxKind.LessThanToken => SyntaxKind.LessThanExpression,
        SyntaxKind.LessThanEqualsToken => SyntaxKind.LessThanOrEqualExpression,
        SyntaxKind.GreaterThanToken => SyntaxKind.GreaterThanExpression,
        _ => SyntaxKind.GreaterThanOrEqualExpression,
    };
}
