using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>A method of a template class, with what the annotations say of its parameters.</summary>
internal sealed class TemplateMethod
{
    public TemplateMethod(TemplateClass container, MethodDeclarationSyntax syntax)
    {
        Container = container;
        Syntax = syntax;
        FullName = container.Name + "." + syntax.Identifier.ValueText;
        Parameters = syntax.ParameterList.Parameters.Select(p => new TemplateParameter(container, p)).ToList();
        IsInlined = Parameters.Any(p => p.IsRegisters);
        CanFold = syntax.ExpressionBody is not null && syntax.ReturnType is not GenericNameSyntax && Parameters.All(p => p.ConstantType is not null);
        Summary = [.. SummaryComment.Lines(syntax)];
        foreach (var node in syntax.DescendantNodes())
        {
            Read(node);
        }
    }

    public TemplateClass Container { get; }

    public MethodDeclarationSyntax Syntax { get; }

    /// <summary><c>Class.Method</c>.</summary>
    public string FullName { get; }

    public IReadOnlyList<TemplateParameter> Parameters { get; }

    /// <summary>It takes register arrays, so it is printed where it is called.</summary>
    public bool IsInlined { get; }

    /// <summary>Lines of its documentation.</summary>
    public IReadOnlyList<string> Summary { get; }

    /// <summary>A call of it may be a constant expression.</summary>
    public bool CanFold { get; }

    /// <summary>The epilogue hole is in its own body.</summary>
    public bool HasHole { get; private set; }

    /// <summary>The template methods it calls, as <c>Class.Method</c>.</summary>
    public HashSet<string> Callees { get; } = new(StringComparer.Ordinal);

    /// <summary>Its parameters and locals.</summary>
    public HashSet<string> DeclaredNames { get; } = new(StringComparer.Ordinal);

    public void BindConstants(Frame frame, IReadOnlyList<Fragment> constants)
    {
        var next = 0;
        foreach (var parameter in Parameters)
        {
            if (parameter.ConstantType is not null)
            {
                frame.Bind(parameter.Name, constants[next++]);
            }
        }
    }

    private void Read(SyntaxNode node)
    {
        switch (node)
        {
            case ParameterSyntax parameter:
                DeclaredNames.Add(parameter.Identifier.Text);
                break;
            case VariableDeclaratorSyntax local:
                DeclaredNames.Add(local.Identifier.Text);
                break;
            case ForEachStatementSyntax loop:
                DeclaredNames.Add(loop.Identifier.Text);
                break;
            case InvocationExpressionSyntax call when Container.TryGet(call.Expression.Span, out var annotation):
                HasHole |= annotation.Kind == AnnotationKind.Epilogue;
                if (annotation.Kind == AnnotationKind.Method)
                {
                    Callees.Add(annotation.Payload);
                }
                break;
        }
    }
}
