using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.TemplateLanguage;

/// <summary>The syntax of the template language: everything that the specialiser can print again, and nothing else.</summary>
internal static class AllowedSyntax
{
    private static readonly HashSet<SyntaxKind> Kinds =
    [
        // Methods
        SyntaxKind.ParameterList, SyntaxKind.Parameter, SyntaxKind.ArrowExpressionClause, SyntaxKind.AttributeList, SyntaxKind.Attribute,
        SyntaxKind.AttributeArgumentList, SyntaxKind.AttributeArgument,

        // Statements
        SyntaxKind.Block, SyntaxKind.LocalDeclarationStatement, SyntaxKind.VariableDeclaration, SyntaxKind.VariableDeclarator, SyntaxKind.EqualsValueClause,
        SyntaxKind.ExpressionStatement, SyntaxKind.IfStatement, SyntaxKind.ElseClause, SyntaxKind.ForStatement, SyntaxKind.WhileStatement, SyntaxKind.DoStatement,
        SyntaxKind.ForEachStatement, SyntaxKind.SwitchStatement, SyntaxKind.SwitchSection, SyntaxKind.CaseSwitchLabel, SyntaxKind.CasePatternSwitchLabel,
        SyntaxKind.DefaultSwitchLabel, SyntaxKind.ReturnStatement, SyntaxKind.BreakStatement, SyntaxKind.ContinueStatement,

        // Types
        SyntaxKind.PredefinedType, SyntaxKind.PointerType, SyntaxKind.GenericName, SyntaxKind.TypeArgumentList, SyntaxKind.QualifiedName, SyntaxKind.AliasQualifiedName,
        SyntaxKind.RefType,

        // Expressions
        SyntaxKind.IdentifierName, SyntaxKind.NumericLiteralExpression, SyntaxKind.TrueLiteralExpression, SyntaxKind.FalseLiteralExpression, SyntaxKind.NullLiteralExpression,
        SyntaxKind.DefaultLiteralExpression, SyntaxKind.DefaultExpression, SyntaxKind.SizeOfExpression, SyntaxKind.ParenthesizedExpression, SyntaxKind.CastExpression,
        SyntaxKind.ConditionalExpression, SyntaxKind.InvocationExpression, SyntaxKind.ArgumentList, SyntaxKind.Argument, SyntaxKind.ElementAccessExpression,
        SyntaxKind.BracketedArgumentList, SyntaxKind.SimpleMemberAccessExpression, SyntaxKind.PointerMemberAccessExpression, SyntaxKind.ObjectCreationExpression,
        SyntaxKind.UnaryPlusExpression, SyntaxKind.UnaryMinusExpression, SyntaxKind.LogicalNotExpression, SyntaxKind.BitwiseNotExpression,
        SyntaxKind.PreIncrementExpression, SyntaxKind.PreDecrementExpression, SyntaxKind.PostIncrementExpression, SyntaxKind.PostDecrementExpression, SyntaxKind.UncheckedExpression,
        SyntaxKind.AddressOfExpression, SyntaxKind.PointerIndirectionExpression,
        SyntaxKind.AddExpression, SyntaxKind.SubtractExpression, SyntaxKind.MultiplyExpression, SyntaxKind.DivideExpression, SyntaxKind.ModuloExpression,
        SyntaxKind.LeftShiftExpression, SyntaxKind.RightShiftExpression, SyntaxKind.UnsignedRightShiftExpression,
        SyntaxKind.BitwiseAndExpression, SyntaxKind.BitwiseOrExpression, SyntaxKind.ExclusiveOrExpression, SyntaxKind.LogicalAndExpression, SyntaxKind.LogicalOrExpression,
        SyntaxKind.EqualsExpression, SyntaxKind.NotEqualsExpression, SyntaxKind.LessThanExpression, SyntaxKind.LessThanOrEqualExpression, SyntaxKind.GreaterThanExpression,
        SyntaxKind.GreaterThanOrEqualExpression,
        SyntaxKind.SimpleAssignmentExpression, SyntaxKind.AddAssignmentExpression, SyntaxKind.SubtractAssignmentExpression, SyntaxKind.MultiplyAssignmentExpression,
        SyntaxKind.DivideAssignmentExpression, SyntaxKind.ModuloAssignmentExpression, SyntaxKind.AndAssignmentExpression, SyntaxKind.OrAssignmentExpression,
        SyntaxKind.ExclusiveOrAssignmentExpression, SyntaxKind.LeftShiftAssignmentExpression, SyntaxKind.RightShiftAssignmentExpression,

        // Patterns on constants
        SyntaxKind.SwitchExpression, SyntaxKind.SwitchExpressionArm, SyntaxKind.IsPatternExpression, SyntaxKind.ConstantPattern, SyntaxKind.OrPattern, SyntaxKind.AndPattern,
        SyntaxKind.NotPattern, SyntaxKind.RelationalPattern, SyntaxKind.DiscardPattern, SyntaxKind.ParenthesizedPattern,
    ];

    public static bool Contains(SyntaxKind kind) => Kinds.Contains(kind);
}
