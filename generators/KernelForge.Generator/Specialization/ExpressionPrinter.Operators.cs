using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Operators and choices.</summary>
internal sealed partial class ExpressionPrinter
{
    private Fragment PrintUnary(PrefixUnaryExpressionSyntax node)
    {
        var operand = Print(node.Operand);
        if (operand.Value is { } value && Fold(node, () => ConstantFolding.Unary(node.Kind(), value)) is { } folded)
        {
            return Known(folded);
        }
        var text = operand.Text.StartsWith(node.OperatorToken.Text, StringComparison.Ordinal) ? operand.Operand : operand.Text;
        return new(node.OperatorToken.Text + text, false);
    }

    private Fragment PrintBinary(BinaryExpressionSyntax node)
    {
        var left = Print(node.Left);
        if (left.Value is { Type: Constant.Bool } decided)
        {
            if (node.IsKind(SyntaxKind.LogicalAndExpression))
            {
                return decided.IsTrue ? Print(node.Right) : left;
            }
            if (node.IsKind(SyntaxKind.LogicalOrExpression))
            {
                return decided.IsTrue ? left : Print(node.Right);
            }
        }

        var right = Print(node.Right);
        if (left.Value is { } a && right.Value is { } b && Fold(node, () => ConstantFolding.Binary(node.Kind(), a, b)) is { } folded)
        {
            return Known(folded);
        }
        if (right.Value is { Type: Constant.Bool } last && IsNeutral(node.Kind(), last))
        {
            return left;
        }
        return WithoutNeutralElement(node, left, right) ?? new($"{left.Text} {node.OperatorToken.Text} {right.Text}", false);
    }

    private static bool IsNeutral(SyntaxKind kind, Constant right) => kind switch
    {
        SyntaxKind.LogicalAndExpression => right.IsTrue,
        SyntaxKind.LogicalOrExpression => !right.IsTrue,
        _ => false,
    };

    /// <summary>x + 0, 0 + x, x - 0, x * 1 and 1 * x where that changes neither type nor value.</summary>
    private Fragment? WithoutNeutralElement(BinaryExpressionSyntax node, Fragment left, Fragment right)
    {
        if (!frame.Container.TryGet(node.OperatorToken.Span, AnnotationKind.Integral, out var sides))
        {
            return null;
        }
        var neutral = Constant.Of(node.IsKind(SyntaxKind.MultiplyExpression) ? 1 : 0);
        if (right.Value is { } b && b.Equals(neutral) && sides.Contains('l'))
        {
            return left;
        }
        return left.Value is { } a && a.Equals(neutral) && sides.Contains('r') && !node.IsKind(SyntaxKind.SubtractExpression) ? right : null;
    }

    private Fragment PrintConditional(ConditionalExpressionSyntax node)
    {
        var condition = Print(node.Condition);
        return condition.Value is { } decided
            ? Chosen(node, decided.IsTrue ? node.WhenTrue : node.WhenFalse)
            : new($"{condition.Text} ? {Print(node.WhenTrue).Text} : {Print(node.WhenFalse).Text}", false);
    }

    private Fragment PrintSwitch(SwitchExpressionSyntax node)
    {
        var value = Evaluate(node.GoverningExpression);
        foreach (var arm in node.Arms)
        {
            if (PatternMatching.Matches(arm.Pattern, value, Evaluate))
            {
                var chosen = Chosen(node, arm.Expression);
                return new(chosen.Operand, true, chosen.Value);
            }
        }
        throw Error(node, $"No arm of this switch serves {Known(value).Text}.");
    }

    /// <summary>The live branch, in the type of the whole expression.</summary>
    private Fragment Chosen(ExpressionSyntax whole, ExpressionSyntax branch)
    {
        var chosen = Print(branch);
        return frame.Container.TryGet(whole.Span, AnnotationKind.Typed, out var type) ? new($"({type})({chosen.Text})", false) : chosen;
    }

    private Constant? Fold(SyntaxNode where, Func<Constant?> fold)
    {
        try
        {
            return fold();
        }
        catch (ArithmeticException problem)
        {
            throw Error(where, $"'{where}': {problem.Message}");
        }
    }
}
