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
        var calls = syntax.DescendantNodes().OfType<InvocationExpressionSyntax>().Select(call => call.Expression.Span).ToList();
        HasHole = calls.Any(call => container.TryGet(call, AnnotationKind.Epilogue, out _));
        Callees = calls.Select(call => container.TryGet(call, AnnotationKind.Method, out var callee) ? callee : null)
            .OfType<string>().Distinct(StringComparer.Ordinal).ToList();
    }

    public TemplateClass Container { get; }

    public MethodDeclarationSyntax Syntax { get; }

    /// <summary><c>Class.Method</c>.</summary>
    public string FullName { get; }

    public IReadOnlyList<TemplateParameter> Parameters { get; }

    /// <summary>It takes register arrays, so it is printed where it is called.</summary>
    public bool IsInlined { get; }

    /// <summary>A call of it may be a constant expression.</summary>
    public bool CanFold { get; }

    /// <summary>The epilogue hole is in its own body.</summary>
    public bool HasHole { get; }

    /// <summary>The template methods it calls, as <c>Class.Method</c>.</summary>
    public IReadOnlyList<string> Callees { get; }

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
}
