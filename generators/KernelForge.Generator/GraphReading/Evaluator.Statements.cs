using KernelForge.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace KernelForge.Generator.GraphReading;

/// <content>Statements and patterns.</content>
internal sealed partial class Evaluator
{
    /// <summary>Follows a statement; true where it returned.</summary>
    private bool Run(IOperation statement, Scope scope, out object? result)
    {
        Step(statement);
        result = null;
        switch (statement)
        {
            case IBlockOperation block:
                foreach (var inner in block.Operations)
                {
                    if (Run(inner, scope, out result))
                        return true;
                }

                return false;
            case IReturnOperation { ReturnedValue: { } value }:
                result = Evaluate(value, scope);
                return true;
            case IVariableDeclarationGroupOperation group:
                foreach (var declarator in group.Declarations.SelectMany(declaration => declaration.Declarators))
                    scope.Declare(declarator.Symbol, Evaluate(declarator.GetVariableInitializer()?.Value ?? throw Refused(declarator), scope));
                return false;
            case IConditionalOperation choice:
                if (Truth(choice.Condition, scope))
                    return Run(choice.WhenTrue, scope, out result);
                return choice.WhenFalse is not null && Run(choice.WhenFalse, scope, out result);
            case IForLoopOperation loop:
                return Loop(loop, scope, out result);
            case IExpressionStatementOperation expression:
                Assign(expression.Operation, scope);
                return false;
            case IEmptyOperation or ILocalFunctionOperation:
                return false;
            case IInvalidOperation:
                throw new InvalidCodeException(statement.Syntax);
            default:
                throw Refused(statement);
        }
    }

    private bool Loop(IForLoopOperation loop, Scope scope, out object? result)
    {
        result = null;
        foreach (var before in loop.Before)
            Run(before, scope, out _);
        while (loop.Condition is null || Truth(loop.Condition, scope))
        {
            if (Run(loop.Body, scope, out result))
                return true;
            foreach (var next in loop.AtLoopBottom)
                Run(next, scope, out _);
            Step(loop);
        }

        return false;
    }

    private void Assign(IOperation operation, Scope scope)
    {
        var (target, value) = operation switch
        {
            ISimpleAssignmentOperation assignment => (assignment.Target, Evaluate(assignment.Value, scope)),
            ICompoundAssignmentOperation compound => (compound.Target, Arithmetic.Compound(compound, Evaluate(compound.Target, scope), Evaluate(compound.Value, scope))),
            IIncrementOrDecrementOperation step => (step.Target, Arithmetic.Next(step, Evaluate(step.Target, scope))),
            IInvalidOperation => throw new InvalidCodeException(operation.Syntax),
            _ => throw Refused(operation),
        };
        if (target is not ILocalReferenceOperation local || !scope.TryAssign(local.Local, value))
            throw Refused(operation);
    }

    private object? Switch(ISwitchExpressionOperation choice, Scope scope)
    {
        var value = Evaluate(choice.Value, scope);
        foreach (var arm in choice.Arms)
        {
            if (Matches(arm.Pattern, value, scope) && (arm.Guard is null || Truth(arm.Guard, scope)))
                return Evaluate(arm.Value, scope);
        }

        throw NotConstant(choice.Syntax, "No arm of this switch fits. Add one for all others: _ => ....");
    }

    private bool Matches(IPatternOperation pattern, object? value, Scope scope) => pattern switch
    {
        IDiscardPatternOperation => true,
        IConstantPatternOperation constant => Equals(Evaluate(constant.Value, scope), value),
        IRelationalPatternOperation relation => Arithmetic.Compare(relation.OperatorKind, value, Evaluate(relation.Value, scope), relation.Syntax),
        INegatedPatternOperation not => !Matches(not.Pattern, value, scope),
        IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.Or } or => Matches(or.LeftPattern, value, scope) || Matches(or.RightPattern, value, scope),
        IBinaryPatternOperation and => Matches(and.LeftPattern, value, scope) && Matches(and.RightPattern, value, scope),
        _ => throw Unsupported(pattern.Syntax, "A declaration cannot hold this pattern. It may hold constants, comparisons, and, or, not, and _."),
    };

    private static ReadException Refused(IOperation statement) => new(
        DeclarationCodes.StatementUnsupported, "A declaration cannot hold this statement. It may hold locals with a value, assignments to them, if, for, and return.", statement.Syntax);
}
