using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Generator.Specialization;

/// <summary>Arithmetic on known values, as C# does it on constants. Null where there is none; an overflow throws.</summary>
internal static class ConstantFolding
{
    public static Constant? Unary(SyntaxKind kind, Constant operand) => (kind, operand.Type) switch
    {
        (SyntaxKind.UnaryMinusExpression, Constant.Int) => Constant.Of(checked((int)-operand.Value)),
        (SyntaxKind.UnaryPlusExpression, Constant.Int) => operand,
        (SyntaxKind.BitwiseNotExpression, Constant.Int) => Constant.Of(~(int)operand.Value),
        (SyntaxKind.LogicalNotExpression, Constant.Bool) => Constant.Of(!operand.IsTrue),
        _ => null,
    };

    public static Constant? Binary(SyntaxKind kind, Constant left, Constant right)
    {
        if (left.Type != right.Type)
        {
            return null;
        }
        return Comparison(kind, left.Value, right.Value) ?? left.Type switch
        {
            Constant.Int => Arithmetic(kind, (int)left.Value, (int)right.Value),
            Constant.Bool => Logic(kind, left.IsTrue, right.IsTrue),
            _ => null,
        };
    }

    private static Constant? Comparison(SyntaxKind kind, long left, long right) => kind switch
    {
        SyntaxKind.EqualsExpression => Constant.Of(left == right),
        SyntaxKind.NotEqualsExpression => Constant.Of(left != right),
        SyntaxKind.LessThanExpression => Constant.Of(left < right),
        SyntaxKind.LessThanOrEqualExpression => Constant.Of(left <= right),
        SyntaxKind.GreaterThanExpression => Constant.Of(left > right),
        SyntaxKind.GreaterThanOrEqualExpression => Constant.Of(left >= right),
        _ => null,
    };

    private static Constant? Arithmetic(SyntaxKind kind, int left, int right) => kind switch
    {
        SyntaxKind.AddExpression => Constant.Of(checked(left + right)),
        SyntaxKind.SubtractExpression => Constant.Of(checked(left - right)),
        SyntaxKind.MultiplyExpression => Constant.Of(checked(left * right)),
        SyntaxKind.DivideExpression => Constant.Of(left / right),
        SyntaxKind.ModuloExpression => Constant.Of(left % right),
        SyntaxKind.LeftShiftExpression => Constant.Of(left << right),
        SyntaxKind.RightShiftExpression => Constant.Of(left >> right),
        SyntaxKind.UnsignedRightShiftExpression => Constant.Of((int)((uint)left >> right)),
        SyntaxKind.BitwiseAndExpression => Constant.Of(left & right),
        SyntaxKind.BitwiseOrExpression => Constant.Of(left | right),
        SyntaxKind.ExclusiveOrExpression => Constant.Of(left ^ right),
        _ => null,
    };

    private static Constant? Logic(SyntaxKind kind, bool left, bool right) => kind switch
    {
        SyntaxKind.LogicalAndExpression or SyntaxKind.BitwiseAndExpression => Constant.Of(left && right),
        SyntaxKind.LogicalOrExpression or SyntaxKind.BitwiseOrExpression => Constant.Of(left || right),
        SyntaxKind.ExclusiveOrExpression => Constant.Of(left != right),
        _ => null,
    };
}
