using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>A parameter of a template method.</summary>
internal sealed class TemplateParameter
{
    public TemplateParameter(TemplateClass container, ParameterSyntax syntax)
    {
        Name = syntax.Identifier.Text;
        Type = syntax.Type!;
        ConstantType = container.TryGet(syntax.Identifier.Span, AnnotationKind.ConstantParameter, out var type) ? type : null;
        IsFixed = container.TryGet(syntax.Identifier.Span, AnnotationKind.Fixed, out _);
        var named = Type is RefTypeSyntax reference ? reference.Type : Type;
        IsRegisters = container.TryGet(named.Span, AnnotationKind.Registers, out _);
    }

    public string Name { get; }

    public TypeSyntax Type { get; }

    /// <summary>The type of a constant parameter; null for others.</summary>
    public string? ConstantType { get; }

    /// <summary>The method never writes it.</summary>
    public bool IsFixed { get; }

    public bool IsRegisters { get; }
}
