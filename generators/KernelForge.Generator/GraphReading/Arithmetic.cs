using System.Globalization;
using KernelForge.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace KernelForge.Generator.GraphReading;

/// <summary>Arithmetic on the numbers of a declaration. Whole ones that leave int are refused, not wrapped.</summary>
internal static class Arithmetic
{
    public static object Unary(IUnaryOperation operation, object? operand) => (operation.OperatorKind, operand) switch
    {
        (UnaryOperatorKind.Minus, int value) => Whole(-(long)value, operation.Syntax),
        (UnaryOperatorKind.Minus, double value) => -value,
        (UnaryOperatorKind.Plus, int or double) => operand,
        (UnaryOperatorKind.Not, bool value) => !value,
        _ => throw Refused(operation.Syntax),
    };

    public static object Binary(IBinaryOperation operation, object? left, object? right) => Binary(operation.OperatorKind, left, right, operation.Syntax);

    public static object Compound(ICompoundAssignmentOperation operation, object? left, object? right) => Binary(operation.OperatorKind, left, right, operation.Syntax);

    public static object Next(IIncrementOrDecrementOperation operation, object? value) =>
        Binary(operation.Kind == OperationKind.Increment ? BinaryOperatorKind.Add : BinaryOperatorKind.Subtract, value, 1, operation.Syntax);

    /// <summary>Whether a comparison holds.</summary>
    public static bool Compare(BinaryOperatorKind kind, object? left, object? right, SyntaxNode at) => Binary(kind, left, right, at) is true;

    /// <summary>A value as a part of a text.</summary>
    public static string Text(object? value, SyntaxNode at) => value switch
    {
        string text => text,
        int number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new ReadException(DeclarationCodes.NotConstant, "Only texts and whole numbers can be parts of a text here.", at),
    };

    /// <summary>A function of System.Math.</summary>
    public static object Math(string name, IReadOnlyList<object?> values, SyntaxNode at)
    {
        double Real(int index) => values[index] switch { int whole => whole, double real => real, _ => throw Refused(at) };
        return (name, values.Count) switch
        {
            ("Min" or "Max", 2) when values[0] is int a && values[1] is int b => name == "Min" ? System.Math.Min(a, b) : System.Math.Max(a, b),
            ("Min", 2) => System.Math.Min(Real(0), Real(1)),
            ("Max", 2) => System.Math.Max(Real(0), Real(1)),
            ("Abs", 1) when values[0] is int a => Whole(System.Math.Abs((long)a), at),
            ("Abs", 1) => System.Math.Abs(Real(0)),
            ("Sqrt", 1) => System.Math.Sqrt(Real(0)),
            ("Log", 1) => System.Math.Log(Real(0)),
            ("Exp", 1) => System.Math.Exp(Real(0)),
            ("Pow", 2) => System.Math.Pow(Real(0), Real(1)),
            _ => throw new ReadException(DeclarationCodes.NotConstant, $"Math.{name} is not known here; a declaration may use Abs, Exp, Log, Max, Min, Pow and Sqrt.", at),
        };
    }

    private static object Binary(BinaryOperatorKind kind, object? left, object? right, SyntaxNode at) => (left, right) switch
    {
        (int a, int b) => OfWhole(kind, a, b, at),
        (int or double, int or double) => OfReal(kind, Convert.ToDouble(left, CultureInfo.InvariantCulture), Convert.ToDouble(right, CultureInfo.InvariantCulture), at),
        (bool a, bool b) => kind switch
        {
            BinaryOperatorKind.And => a & b,
            BinaryOperatorKind.Or => a | b,
            BinaryOperatorKind.Equals => a == b,
            BinaryOperatorKind.NotEquals or BinaryOperatorKind.ExclusiveOr => a != b,
            _ => throw Refused(at),
        },
        (string, string or int) or (int, string) when kind == BinaryOperatorKind.Add => Text(left, at) + Text(right, at),
        _ => kind switch
        {
            BinaryOperatorKind.Equals => Equals(left, right),
            BinaryOperatorKind.NotEquals => !Equals(left, right),
            _ => throw Refused(at),
        },
    };

    private static object OfWhole(BinaryOperatorKind kind, long a, long b, SyntaxNode at) => kind switch
    {
        BinaryOperatorKind.Add => Whole(a + b, at),
        BinaryOperatorKind.Subtract => Whole(a - b, at),
        BinaryOperatorKind.Multiply => Whole(a * b, at),
        BinaryOperatorKind.Divide when b != 0 => Whole(a / b, at),
        BinaryOperatorKind.Remainder when b != 0 => Whole(a % b, at),
        BinaryOperatorKind.LeftShift when b is >= 0 and < 31 => Whole(a << (int)b, at),
        BinaryOperatorKind.RightShift when b is >= 0 and < 31 => Whole(a >> (int)b, at),
        BinaryOperatorKind.And => Whole(a & b, at),
        BinaryOperatorKind.Or => Whole(a | b, at),
        _ => Compared(kind, a.CompareTo(b), at),
    };

    private static object OfReal(BinaryOperatorKind kind, double a, double b, SyntaxNode at) => kind switch
    {
        BinaryOperatorKind.Add => a + b,
        BinaryOperatorKind.Subtract => a - b,
        BinaryOperatorKind.Multiply => a * b,
        BinaryOperatorKind.Divide => a / b,
        _ when double.IsNaN(a) || double.IsNaN(b) => throw Refused(at),
        _ => Compared(kind, a.CompareTo(b), at),
    };

    private static object Compared(BinaryOperatorKind kind, int order, SyntaxNode at) => kind switch
    {
        BinaryOperatorKind.Equals => order == 0,
        BinaryOperatorKind.NotEquals => order != 0,
        BinaryOperatorKind.LessThan => order < 0,
        BinaryOperatorKind.LessThanOrEqual => order <= 0,
        BinaryOperatorKind.GreaterThan => order > 0,
        BinaryOperatorKind.GreaterThanOrEqual => order >= 0,
        _ => throw Refused(at),
    };

    private static object Whole(long value, SyntaxNode at) => value is >= int.MinValue and <= int.MaxValue
        ? (int)value
        : throw new ReadException(DeclarationCodes.SizeRange, $"This is {value}, which is no int.", at);

    private static ReadException Refused(SyntaxNode at) => new(
        DeclarationCodes.NotConstant, "This cannot be computed from what is known at compile time.", at);
}
