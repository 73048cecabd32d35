using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Locals, and the inlining of methods that take register arrays.</summary>
internal sealed partial class StatementPrinter
{
    private void PrintLocals(LocalDeclarationStatementSyntax node)
    {
        var text = PrintDeclaration(node.Declaration, keepAll: false);
        if (text.Length > 0)
        {
            declares = true;
            output.Write((node.IsConst ? "const " : string.Empty) + text + ";");
            PrintTrailingComment(node);
        }
    }

    /// <summary>A declaration without the locals that are constants; empty if none is left. The variables of a <c>for</c> are all kept.</summary>
    private string PrintDeclaration(VariableDeclarationSyntax node, bool keepAll)
    {
        var declarators = new List<string>();
        foreach (var variable in node.Variables)
        {
            if (RegisterCreation(variable) is { } creation)
            {
                return PrintRegisters(variable, creation);
            }
            var name = variable.Identifier.Text;
            var value = variable.Initializer is { } initializer ? expressions.Print(initializer.Value) : default;
            var isConstant = frame.Container.TryGet(variable.Identifier.Span, AnnotationKind.Fixed, out var type) && type.Length > 0;
            if (isConstant && value.Value is not null && !keepAll)
            {
                frame.Bind(name, value);
                continue;
            }
            frame.Unbind(name);
            declarators.Add(frame.Local(name) + (variable.Initializer is null ? string.Empty : " = " + value.Text));
        }
        return declarators.Count == 0 ? string.Empty : expressions.PrintType(node.Type) + " " + string.Join(", ", declarators);
    }

    private ObjectCreationExpressionSyntax? RegisterCreation(VariableDeclaratorSyntax variable) =>
        variable.Initializer?.Value is ObjectCreationExpressionSyntax creation && frame.Container.TryGet(creation.Type.Span, AnnotationKind.Registers, out _)
            ? creation
            : null;

    private string PrintRegisters(VariableDeclaratorSyntax variable, ObjectCreationExpressionSyntax creation)
    {
        var count = expressions.EvaluateInt(creation.ArgumentList!.Arguments[0].Expression);
        var array = frame.Declare(variable.Identifier.Text, count);
        var element = expressions.PrintType(((GenericNameSyntax)creation.Type).TypeArgumentList.Arguments[0]);
        return count == 0 ? string.Empty : element + " " + string.Join(", ", Enumerable.Range(0, count).Select(i => array[i] + " = default"));
    }

    /// <summary>Prints a method where it is called. Arguments that are not plain constants or unchanging names are evaluated into locals first.</summary>
    private void Inline(InvocationExpressionSyntax call, TemplateMethod target)
    {
        var callee = new Frame(target, frame.Epilogue, frame);
        target.BindConstants(callee, expressions.ConstantArguments(call, target));
        frame.Container.TryGet(call.ArgumentList.OpenParenToken.Span, AnnotationKind.Arguments, out var simple);
        var inner = new StatementPrinter(specializer, callee, output, withComments);
        inner.Enclosed(() =>
        {
            for (var i = 0; i < target.Parameters.Count; i++)
            {
                inner.BindArgument(target.Parameters[i], call.ArgumentList.Arguments[i], expressions, simple[i] == '1', frame);
            }
            if (target.Syntax.Body is { } body)
            {
                inner.PrintBody(body);
            }
            else
            {
                inner.PrintExpression(target.Syntax.ExpressionBody!.Expression);
            }
        });
    }

    private void BindArgument(TemplateParameter parameter, ArgumentSyntax argument, ExpressionPrinter caller, bool isSimple, Frame callerFrame)
    {
        if (parameter.ConstantType is not null)
        {
            return;
        }
        if (parameter.IsRegisters)
        {
            var name = argument.Expression.ToString();
            frame.Bind(parameter.Name, callerFrame.TryGetRegisters(name, out var array) ? array : throw callerFrame.Container.Error(argument, $"'{name}' is no register array."));
            return;
        }
        var value = caller.Print(argument.Expression);
        if (parameter.IsFixed && isSimple)
        {
            frame.Bind(parameter.Name, value);
            return;
        }
        declares = true;
        output.Write($"{expressions.PrintType(parameter.Type)} {frame.Local(parameter.Name)} = {value.Text};");
    }
}
