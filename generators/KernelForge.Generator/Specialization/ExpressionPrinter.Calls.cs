using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Calls: of templates, of the epilogue hole, of anything else.</summary>
internal sealed partial class ExpressionPrinter
{
    /// <summary>The template method that a call means, or null if it calls something else.</summary>
    public TemplateMethod? Target(InvocationExpressionSyntax call)
    {
        if (!frame.Container.TryGet(call.Expression.Span, out var annotation))
        {
            return null;
        }
        switch (annotation.Kind)
        {
            case AnnotationKind.Method:
                return specializer.Resolve(annotation.Payload);
            case AnnotationKind.Epilogue when frame.Epilogue is null:
                throw Error(call, "The template has an epilogue hole, and no epilogue was asked for.");
            case AnnotationKind.Epilogue:
                return specializer.Resolve(frame.Epilogue + ".Apply");
            default:
                return null;
        }
    }

    /// <summary>Arguments for the constant parameters of a template method.</summary>
    public List<Fragment> ConstantArguments(InvocationExpressionSyntax call, TemplateMethod target)
    {
        var arguments = call.ArgumentList.Arguments;
        if (arguments.Count != target.Parameters.Count)
        {
            throw Error(call, $"'{target.FullName}' has {target.Parameters.Count} parameters, the call {arguments.Count} arguments.");
        }
        var constants = new List<Fragment>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (target.Parameters[i].ConstantType is { } type)
            {
                var value = Print(arguments[i].Expression);
                constants.Add(value.Value is { } known && known.Type == type
                    ? value
                    : throw Error(arguments[i], $"'{target.Parameters[i].Name}' of '{target.FullName}' must be a constant of type {type}."));
            }
        }
        return constants;
    }

    private Fragment PrintCall(InvocationExpressionSyntax node)
    {
        if (frame.Container.TryGet(node.Span, AnnotationKind.Extension, out var extension))
        {
            return PrintExtensionCall(node, extension);
        }
        if (Target(node) is not { } target)
        {
            return new($"{Print(node.Expression).Operand}({PrintArguments(node.ArgumentList)})", true);
        }
        if (target.IsInlined)
        {
            throw Error(node, $"'{target.FullName}' takes register arrays: its call must be a statement of its own.");
        }
        var constants = ConstantArguments(node, target);
        if (target.CanFold && FoldCall(target, constants) is { } folded)
        {
            return Known(folded);
        }
        var name = specializer.Instantiate(target, constants, frame.Epilogue);
        var arguments = node.ArgumentList.Arguments.Where((_, i) => target.Parameters[i].ConstantType is null).Select(a => Print(a.Expression).Text);
        return new($"{name}({string.Join(", ", arguments)})", true);
    }

    /// <summary>As a static call, since the user's project may not import the namespace.</summary>
    private Fragment PrintExtensionCall(InvocationExpressionSyntax node, string qualified)
    {
        var access = (MemberAccessExpressionSyntax)node.Expression;
        var typeArguments = access.Name is GenericNameSyntax generic ? PrintTypeArguments(generic) : string.Empty;
        var arguments = PrintArguments(node.ArgumentList);
        return new($"{qualified}{typeArguments}({Print(access.Expression).Text}{(arguments.Length > 0 ? ", " : string.Empty)}{arguments})", true);
    }

    private Constant? FoldCall(TemplateMethod target, List<Fragment> constants)
    {
        var callee = new Frame(target, frame.Epilogue, outer: null);
        target.BindConstants(callee, constants);
        return new ExpressionPrinter(specializer, callee).Print(target.Syntax.ExpressionBody!.Expression).Value;
    }

    private string PrintArguments(ArgumentListSyntax list) => string.Join(", ", list.Arguments.Select(a => Print(a.Expression).Text));
}
