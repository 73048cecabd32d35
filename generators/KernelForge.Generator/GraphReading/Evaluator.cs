using System.Globalization;
using System.Runtime.CompilerServices;
using KernelForge.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace KernelForge.Generator.GraphReading;

/// <summary>
/// Finds what the expressions of a declaration are worth, by looking at them: constants and arithmetic on them, calls of the graph language, lambdas and the
/// user's own static methods. Nothing is run; what would have to be is refused at its place.
/// </summary>
internal sealed partial class Evaluator(Microsoft.CodeAnalysis.Compilation compilation, CancellationToken cancellation)
{
    /// <summary>More than any model needs; a declaration beyond it would keep the editor waiting.</summary>
    private const int MostSteps = 200_000;
    private const int MostDepth = 200;

    private readonly Dictionary<ISymbol, object?> _fields = new(SymbolEqualityComparer.Default);
    private int _steps;
    private int _depth;

    /// <summary>What an expression is worth.</summary>
    /// <exception cref="ReadException">It cannot be known.</exception>
    /// <exception cref="InvalidCodeException">It is no C#.</exception>
    public object? Evaluate(IOperation operation, Scope scope)
    {
        Step(operation);
        _depth++;
        try
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return operation.ConstantValue.HasValue ? Constant(operation, operation.ConstantValue.Value) : Variable(operation, scope);
        }
        catch (InsufficientExecutionStackException)
        {
            throw TooLong(operation);
        }
        finally
        {
            _depth--;
        }
    }

    private void Step(IOperation operation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (++_steps > MostSteps || _depth > MostDepth)
            throw TooLong(operation);
    }

    private static ReadException TooLong(IOperation operation) => new(
        DeclarationCodes.TooLong, "The declaration calls itself, or takes more steps than a graph can have. Simplify it.", operation.Syntax);

    private static object? Constant(IOperation operation, object? value)
    {
        if (value is null || value is string or bool)
            return value;
        if (operation.Type is { TypeKind: TypeKind.Enum })
            return new EnumValue(unchecked((int)Convert.ToInt64(value is ulong large ? (long)large : value, CultureInfo.InvariantCulture)));
        return value switch
        {
            int or double => value,
            float real => (double)real,
            sbyte or byte or short or ushort => Convert.ToInt32(value, CultureInfo.InvariantCulture),
            long whole when whole is >= int.MinValue and <= int.MaxValue => (int)whole,
            uint whole when whole <= int.MaxValue => (int)whole,
            _ => throw Unsupported(operation.Syntax, $"A constant of the type {operation.Type?.ToDisplayString()} has no place in a declaration. Write an int, a double, a bool, a string or a member of an enum."),
        };
    }

    private object? Variable(IOperation operation, Scope scope) => operation switch
    {
        IInvalidOperation => throw new InvalidCodeException(operation.Syntax),
        IConversionOperation conversion => Converted(conversion, scope),
        IParenthesizedOperation inner => Evaluate(inner.Operand, scope),
        ILocalReferenceOperation local => Find(local.Local, local, scope),
        IParameterReferenceOperation parameter => Find(parameter.Parameter, parameter, scope),
        IFieldReferenceOperation field => Field(field),
        IPropertyReferenceOperation property => Property(property),
        IInvocationOperation invocation => Invoke(invocation, scope),
        IObjectCreationOperation creation => Create(creation, scope),
        IDelegateCreationOperation creation => Evaluate(creation.Target, scope),
        IAnonymousFunctionOperation lambda => new FunctionValue(lambda.Symbol.Parameters, lambda.Body, scope),
        IMethodReferenceOperation reference => Function(reference.Method, reference, scope),
        IUnaryOperation unary => Arithmetic.Unary(unary, Evaluate(unary.Operand, scope)),
        IBinaryOperation binary => Binary(binary, scope),
        IConditionalOperation { WhenFalse: { } otherwise } conditional => Evaluate(Truth(conditional.Condition, scope) ? conditional.WhenTrue : otherwise, scope),
        ICoalesceOperation coalesce => Evaluate(coalesce.Value, scope) ?? Evaluate(coalesce.WhenNull, scope),
        ISwitchExpressionOperation choice => Switch(choice, scope),
        IIsPatternOperation test => Matches(test.Pattern, Evaluate(test.Value, scope), scope),
        IInterpolatedStringOperation text => Text(text, scope),
        IDefaultValueOperation { Type: { IsReferenceType: true } or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } } => null,
        IRangeOperation range => new RangeValue(Bound(range.LeftOperand, range, scope), Bound(range.RightOperand, range, scope)),
        ICollectionExpressionOperation collection => collection.Elements.Select(element => Evaluate(element, scope)).ToList(),
        IArrayCreationOperation { Initializer: { } initializer } => initializer.ElementValues.Select(element => Evaluate(element, scope)).ToList(),
        _ => throw Unsupported(operation.Syntax, "A declaration cannot hold this expression. It may hold constants, arithmetic, conditions, lambdas, your own static methods, and the methods of the graph language."),
    };

    private object? Converted(IConversionOperation conversion, Scope scope)
    {
        // A graph becomes of its last value by a conversion of the language.
        if (conversion.OperatorMethod is { } method && !IsOfLanguage(method.ContainingType))
            throw NotConstant(conversion.Syntax, $"The conversion to {conversion.Type?.ToDisplayString()} would have to be run. Write the number itself.");
        var value = Evaluate(conversion.Operand, scope);
        var type = conversion.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : conversion.Type;
        return (value, type?.SpecialType) switch
        {
            (int whole, SpecialType.System_Double or SpecialType.System_Single) => (double)whole,
            (double real, SpecialType.System_Single) => (double)(float)real,
            (double and (>= int.MinValue and <= int.MaxValue) and var real, SpecialType.System_Int32) => (int)real,
            (EnumValue member, SpecialType.System_Int32) => member.Number,
            (int whole, _) when type is { TypeKind: TypeKind.Enum } => new EnumValue(whole),
            (double or int, SpecialType.System_Int64 or SpecialType.System_Decimal or SpecialType.System_Int16 or SpecialType.System_Byte or SpecialType.System_UInt32) =>
                throw Unsupported(conversion.Syntax, "Numbers of a declaration are int or double."),
            _ => value,
        };
    }

    private static object? Find(ISymbol symbol, IOperation operation, Scope scope) => scope.TryFind(symbol, out var value)
        ? value
        : throw NotConstant(operation.Syntax, $"{symbol.Name} has no value that is known at compile time.");

    private object? Field(IFieldReferenceOperation reference)
    {
        var field = reference.Field;
        if (!field.IsStatic || !field.IsReadOnly || IsInConstructor(field) || SyntaxOf(field) is not VariableDeclaratorSyntax { Initializer.Value: { } initializer })
            throw NotConstant(reference.Syntax, $"{field.Name} may have any value when the program runs. Make it const, or static readonly with a value beside it.");
        return Initial(field, initializer);
    }

    private object? Property(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        if (IsOfLanguage(property.ContainingType))
        {
            return LanguageCalls.Objects.TryGetValue(property.ContainingType.Name + "." + property.Name, out var make)
                ? make(new Arguments(reference.Syntax, NameOf(reference.Syntax)))
                : throw Unsupported(reference.Syntax, $"{property.Name} cannot be read in a declaration.");
        }

        var declaration = SyntaxOf(property.PartialImplementationPart ?? property) as PropertyDeclarationSyntax;
        if (!property.IsStatic || property.SetMethod is not null || IsInConstructor(property) || (declaration?.ExpressionBody?.Expression ?? declaration?.Initializer?.Value) is not { } value)
            throw NotConstant(reference.Syntax, $"{property.Name} may have any value when the program runs. Make it const, or static readonly with a value beside it.");
        return Initial(property, value);
    }

    private object? Initial(ISymbol symbol, ExpressionSyntax value)
    {
        if (_fields.TryGetValue(symbol, out var known))
            return known;
        return _fields[symbol] = Evaluate(OperationOf(value) ?? throw new InvalidCodeException(value), new Scope(null));
    }

    private bool Truth(IOperation operation, Scope scope) =>
        Evaluate(operation, scope) is bool value ? value : throw NotConstant(operation.Syntax, "This condition is not known at compile time.");

    private object? Binary(IBinaryOperation binary, Scope scope)
    {
        if (binary.OperatorKind is BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr)
            return Truth(binary.LeftOperand, scope) == (binary.OperatorKind == BinaryOperatorKind.ConditionalOr) ? binary.OperatorKind == BinaryOperatorKind.ConditionalOr : Truth(binary.RightOperand, scope);
        return Arithmetic.Binary(binary, Evaluate(binary.LeftOperand, scope), Evaluate(binary.RightOperand, scope));
    }

    private string Text(IInterpolatedStringOperation text, Scope scope) => string.Concat(text.Parts.Select(part => part switch
    {
        IInterpolatedStringTextOperation literal => Evaluate(literal.Text, scope) as string,
        IInterpolationOperation { Alignment: null, FormatString: null } hole => Arithmetic.Text(Evaluate(hole.Expression, scope), hole.Syntax),
        _ => throw Unsupported(part.Syntax, "Alignment and formats have no place in a declaration. Write the value alone."),
    }));

    private int Bound(IOperation? operand, IOperation range, Scope scope)
    {
        // An int becomes an Index by a conversion of the library.
        var inner = operand is IConversionOperation { OperatorMethod: not null } conversion ? conversion.Operand : operand;
        if (inner is null || inner.Type?.SpecialType != SpecialType.System_Int32)
            throw new ReadException(DeclarationCodes.LayerRange, "A range of layers needs a first number and the one after its last, such as 0..10: how many layers the weights have is not known here.", range.Syntax);
        return Evaluate(inner, scope) is int bound ? bound : throw NotConstant(inner.Syntax, "This number is not known at compile time.");
    }

    private static bool IsOfLanguage(INamedTypeSymbol type) => type is
    {
        ContainingNamespace: { Name: "Modeling", ContainingNamespace: { Name: "KernelForge", ContainingNamespace.IsGlobalNamespace: true } },
        ContainingAssembly.Name: "KernelForge",
    };

    private static SyntaxNode NameOf(SyntaxNode node) => node switch
    {
        InvocationExpressionSyntax invocation => NameOf(invocation.Expression),
        MemberAccessExpressionSyntax access => access.Name,
        ObjectCreationExpressionSyntax creation => creation.Type,
        _ => node,
    };

    private static ReadException NotConstant(SyntaxNode at, string message) => new(DeclarationCodes.NotConstant, message, at);

    private static ReadException Unsupported(SyntaxNode at, string message) => new(DeclarationCodes.ExpressionUnsupported, message, at);
}
