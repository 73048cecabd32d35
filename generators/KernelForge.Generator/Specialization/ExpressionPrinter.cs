using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Prints expressions and types of a template, folding what is known.</summary>
internal sealed partial class ExpressionPrinter(Specializer specializer, Frame frame)
{
    public Fragment Print(ExpressionSyntax node)
    {
        if (frame.Container.TryGet(node.Span, out var annotation) && PrintAnnotated(annotation) is { } known)
        {
            return known;
        }
        return node switch
        {
            LiteralExpressionSyntax e => PrintLiteral(e),
            IdentifierNameSyntax e => PrintName(e),
            ParenthesizedExpressionSyntax e => PrintParenthesized(e),
            BinaryExpressionSyntax e => PrintBinary(e),
            AssignmentExpressionSyntax e => new($"{Print(e.Left).Text} {e.OperatorToken.Text} {Print(e.Right).Text}", false),
            InvocationExpressionSyntax e => PrintCall(e),
            ElementAccessExpressionSyntax e => PrintElement(e),
            MemberAccessExpressionSyntax e => new(Print(e.Expression).Operand + e.OperatorToken.Text + PrintMemberName(e.Name), true),
            CastExpressionSyntax e => PrintCast(e),
            PrefixUnaryExpressionSyntax e => PrintUnary(e),
            PostfixUnaryExpressionSyntax e => new(Print(e.Operand).Operand + e.OperatorToken.Text, true),
            ConditionalExpressionSyntax e => PrintConditional(e),
            SwitchExpressionSyntax e => PrintSwitch(e),
            IsPatternExpressionSyntax e => Known(Constant.Of(PatternMatching.Matches(e.Pattern, Evaluate(e.Expression), Evaluate))),
            SizeOfExpressionSyntax e => new($"sizeof({PrintType(e.Type)})", true),
            DefaultExpressionSyntax e => new($"default({PrintType(e.Type)})", true),
            ObjectCreationExpressionSyntax e => new($"new {PrintType(e.Type)}({PrintArguments(e.ArgumentList!)})", true),
            CheckedExpressionSyntax e => new($"unchecked({Print(e.Expression).Text})", true),
            TypeSyntax e => new(PrintType(e), true),
            _ => throw Error(node, $"{node.Kind()} is not part of the template language."),
        };
    }

    /// <summary>The value of an expression that must be known.</summary>
    public Constant Evaluate(ExpressionSyntax node) => Print(node).Value ?? throw Error(node, $"'{node}' is not a constant expression.");

    public int EvaluateInt(ExpressionSyntax node) => Evaluate(node) is { Type: Constant.Int } value
        ? (int)value.Value
        : throw Error(node, $"'{node}' is not an int.");

    public string PrintType(TypeSyntax type)
    {
        if (frame.Container.TryGet(type.Span, out var annotation) && PrintAnnotated(annotation) is { } known)
        {
            return known.Text;
        }
        return type switch
        {
            PointerTypeSyntax t => PrintType(t.ElementType) + "*",
            GenericNameSyntax t => PrintIdentifier(t.Identifier) + PrintTypeArguments(t),
            IdentifierNameSyntax t => PrintIdentifier(t.Identifier),
            QualifiedNameSyntax t => PrintType(t.Left) + "." + PrintMemberName(t.Right),
            PredefinedTypeSyntax t => t.Keyword.Text,
            _ => type.ToString(),
        };
    }

    /// <summary>A known value as C#.</summary>
    public Fragment Known(Constant value) => value.Type switch
    {
        Constant.Bool => new(value.IsTrue ? "true" : "false", true, value),
        Constant.Int => new(value.Value.ToString(CultureInfo.InvariantCulture), value.Value >= 0, value),
        _ => new(specializer.EnumText(value), true, value),
    };

    private TemplateException Error(SyntaxNode where, string message) => frame.Container.Error(where, message);

    private Fragment? PrintAnnotated(Annotation annotation) => annotation.Kind switch
    {
        AnnotationKind.Name => new Fragment(annotation.Payload, true),
        AnnotationKind.Vector => new Fragment(specializer.VectorType(annotation.Payload), true),
        AnnotationKind.Constant => Known(Constant.Parse(annotation.Payload)),
        AnnotationKind.Field => Known(specializer.FieldValue(annotation.Payload)),
        _ => null,
    };

    private string PrintIdentifier(SyntaxToken identifier) =>
        frame.Container.TryGet(identifier.Span, AnnotationKind.Name, out var qualified) ? qualified : identifier.Text;

    private string PrintMemberName(SimpleNameSyntax name) => name is GenericNameSyntax generic ? generic.Identifier.Text + PrintTypeArguments(generic) : name.Identifier.Text;

    private string PrintTypeArguments(GenericNameSyntax name) => "<" + string.Join(", ", name.TypeArgumentList.Arguments.Select(PrintType)) + ">";

    private Fragment PrintLiteral(LiteralExpressionSyntax node) => node.Token.Value switch
    {
        int value => new(node.Token.Text, true, Constant.Of(value)),
        bool value => new(node.Token.Text, true, Constant.Of(value)),
        _ => new(node.Token.Text, true),
    };

    private Fragment PrintName(IdentifierNameSyntax node)
    {
        var name = node.Identifier.Text;
        if (frame.TryGetValue(name, out var value))
        {
            return value;
        }
        return new(frame.Local(name), true);
    }

    private Fragment PrintParenthesized(ParenthesizedExpressionSyntax node)
    {
        var inner = Print(node.Expression);
        return inner.IsPrimary ? inner : new("(" + inner.Text + ")", true, inner.Value);
    }

    private Fragment PrintElement(ElementAccessExpressionSyntax node)
    {
        if (node.Expression is IdentifierNameSyntax name && frame.TryGetRegisters(name.Identifier.Text, out var registers))
        {
            var index = EvaluateInt(node.ArgumentList.Arguments[0].Expression);
            return (uint)index < (uint)registers.Count
                ? new(registers[index], true)
                : throw Error(node, $"Register {index} of '{name}', which has {registers.Count}.");
        }
        return new($"{Print(node.Expression).Operand}[{string.Join(", ", node.ArgumentList.Arguments.Select(a => Print(a.Expression).Text))}]", true);
    }

    private Fragment PrintCast(CastExpressionSyntax node)
    {
        var operand = Print(node.Expression);
        var type = PrintType(node.Type);
        if (operand.Value is { } value && type == Constant.Int)
        {
            return Known(Constant.Of((int)value.Value));
        }
        var needsParentheses = operand.Text.StartsWith("-", StringComparison.Ordinal);
        return new($"({type}){(needsParentheses ? "(" + operand.Text + ")" : operand.Text)}", false);
    }
}
