using System.Globalization;
using KernelForge.Generator.Specialization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.TemplateLanguage;

/// <summary>Says of every name in a template file what it is, so that the specialiser needs no symbols.</summary>
internal sealed class Annotator(SemanticModel model, MethodFacts facts, ICollection<INamedTypeSymbol> enums) : CSharpSyntaxWalker
{
    private const string InstructionSet = "Simd";
    private readonly List<Annotation> annotations = [];

    public static IReadOnlyList<Annotation> Annotate(SemanticModel model, ClassDeclarationSyntax declaration, ICollection<INamedTypeSymbol> enums)
    {
        var annotator = new Annotator(model, new MethodFacts(model, declaration), enums);
        foreach (var member in declaration.Members)
        {
            annotator.Visit(member);
        }
        return annotator.annotations;
    }

    public override void VisitAttributeList(AttributeListSyntax node)
    {
        // Only [MethodImpl] is printed again, and that from its text.
    }

    public override void VisitParameter(ParameterSyntax node)
    {
        if (model.GetDeclaredSymbol(node) is { } parameter)
        {
            if (TemplateSymbols.IsConstantParameter(parameter))
            {
                Add(node.Identifier, AnnotationKind.ConstantParameter, FoldableName(parameter.Type));
            }
            else if (facts.IsFixed(parameter))
            {
                Add(node.Identifier, AnnotationKind.Fixed, string.Empty);
            }
        }
        base.VisitParameter(node);
    }

    public override void VisitVariableDeclarator(VariableDeclaratorSyntax node)
    {
        if (model.GetDeclaredSymbol(node) is ILocalSymbol local && facts.IsFixed(local))
        {
            Add(node.Identifier, AnnotationKind.Fixed, TemplateSymbols.IsFoldable(local.Type) ? FoldableName(local.Type) : string.Empty);
        }
        base.VisitVariableDeclarator(node);
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (TemplateSymbols.IsUnrollRange(model.GetSymbolInfo(node).Symbol))
        {
            Add(node, AnnotationKind.Unroll, string.Empty);
            Visit(node.ArgumentList);
            return;
        }
        if (model.GetSymbolInfo(node).Symbol is IMethodSymbol method && method.Parameters.Any(p => TemplateSymbols.IsRegisters(p.Type)))
        {
            var simple = node.ArgumentList.Arguments.Zip(method.Parameters, (argument, parameter) => CanStandFor(parameter, argument.Expression) ? '1' : '0');
            Add(node.ArgumentList.OpenParenToken, AnnotationKind.Arguments, string.Concat(simple));
        }
        else if (model.GetSymbolInfo(node).Symbol is IMethodSymbol { ReducedFrom: { } extension })
        {
            Add(node, AnnotationKind.Extension, $"{TemplateSymbols.Qualified(extension.ContainingType)}.{extension.Name}");
        }
        base.VisitInvocationExpression(node);
    }

    public override void VisitMemberAccessExpression(MemberAccessExpressionSyntax node)
    {
        if (!AddMember(node, model.GetSymbolInfo(node).Symbol))
        {
            Visit(node.Expression);
        }
    }

    public override void VisitIdentifierName(IdentifierNameSyntax node) => AddName(node);

    public override void VisitGenericName(GenericNameSyntax node)
    {
        AddName(node);
        Visit(node.TypeArgumentList);
    }

    public override void VisitQualifiedName(QualifiedNameSyntax node)
    {
        Visit(node.Left);
        if (node.Right is GenericNameSyntax generic)
        {
            Visit(generic.TypeArgumentList);
        }
    }

    public override void VisitSizeOfExpression(SizeOfExpressionSyntax node)
    {
        if (model.GetConstantValue(node) is { HasValue: true, Value: int value })
        {
            Add(node, AnnotationKind.Constant, "int=" + value.ToString(CultureInfo.InvariantCulture));
            return;
        }
        base.VisitSizeOfExpression(node);
    }

    public override void VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        if (node.Kind() is SyntaxKind.AddExpression or SyntaxKind.SubtractExpression or SyntaxKind.MultiplyExpression
            && model.GetTypeInfo(node).Type is { } type && TemplateSymbols.IsIntegralOrPointer(type))
        {
            var sides = (SameType(node.Left, type) ? "l" : string.Empty) + (SameType(node.Right, type) ? "r" : string.Empty);
            Add(node.OperatorToken, AnnotationKind.Integral, sides);
        }
        base.VisitBinaryExpression(node);
    }

    public override void VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        AddTyped(node, [node.WhenTrue, node.WhenFalse]);
        base.VisitConditionalExpression(node);
    }

    public override void VisitSwitchExpression(SwitchExpressionSyntax node)
    {
        AddTyped(node, node.Arms.Select(arm => arm.Expression));
        base.VisitSwitchExpression(node);
    }

    private void AddTyped(ExpressionSyntax node, IEnumerable<ExpressionSyntax> branches)
    {
        var type = model.GetTypeInfo(node).Type;
        if (type is not null && branches.Any(branch => !SameType(branch, type)))
        {
            Add(node, AnnotationKind.Typed, type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
        }
    }

    /// <summary>The argument is a constant or a local that keeps its value, of the very type of the parameter.</summary>
    private bool CanStandFor(IParameterSymbol parameter, ExpressionSyntax argument) => SameType(argument, parameter.Type)
        && (facts.IsConstant(argument) || (model.GetSymbolInfo(argument).Symbol is (ILocalSymbol or IParameterSymbol) and { } name && facts.IsFixed(name)));

    private bool SameType(ExpressionSyntax operand, ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(operand).Type, type);

    private void AddName(SimpleNameSyntax node)
    {
        if (node.IsVar || node is IdentifierNameSyntax { Identifier.Text: "nint" or "nuint" or "_" })
        {
            return;
        }
        if (node is IdentifierNameSyntax identifier && model.GetAliasInfo(identifier)?.Target is INamedTypeSymbol target)
        {
            AddType(node, target);
            return;
        }
        var symbol = model.GetSymbolInfo(node).Symbol;
        if (AddMember(node, symbol))
        {
            return;
        }
        switch (symbol)
        {
            case INamedTypeSymbol type when TemplateSymbols.IsRegisters(type):
                Add(node, AnnotationKind.Registers, string.Empty);
                break;
            case INamedTypeSymbol type:
                AddToken(node.Identifier, AnnotationKind.Name, TemplateSymbols.Qualified(type));
                break;
            case INamespaceSymbol container:
                AddToken(node.Identifier, AnnotationKind.Name, TemplateSymbols.Qualified(container));
                break;
            case IMethodSymbol or IFieldSymbol or IPropertySymbol when symbol.IsStatic:
                AddToken(node.Identifier, AnnotationKind.Name, $"{TemplateSymbols.Qualified(symbol.ContainingType)}.{symbol.Name}");
                break;
        }
    }

    /// <summary>An aliased type: a vector follows the instruction set, anything else is written out.</summary>
    private void AddType(SimpleNameSyntax node, INamedTypeSymbol type)
    {
        if (TemplateSymbols.IsVector(type))
        {
            Add(node, AnnotationKind.Vector, type.TypeArguments[0].ToDisplayString());
        }
        else
        {
            AddToken(node.Identifier, AnnotationKind.Name, type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
        }
    }

    /// <summary>Annotates a use of a template's method or constant, of the epilogue hole, or of another constant.</summary>
    private bool AddMember(ExpressionSyntax node, ISymbol? symbol)
    {
        switch (symbol)
        {
            case IMethodSymbol { Name: "Apply" } method when TemplateSymbols.IsEpilogueHole(method.ContainingType):
                Add(node, AnnotationKind.Epilogue, string.Empty);
                return true;
            case IMethodSymbol method when TemplateSymbols.IsTemplateClass(method.ContainingType):
                Add(node, AnnotationKind.Method, ClassName(node, method) + "." + method.Name);
                return true;
            case IFieldSymbol { IsConst: true } field when TemplateSymbols.IsFoldable(field.Type):
                AddConstant(node, field);
                return true;
            case IFieldSymbol { IsConst: true } field when TemplateSymbols.IsTemplateClass(field.ContainingType):
                Add(node, AnnotationKind.Name, Literals.Format(field));
                return true;
            default:
                return false;
        }
    }

    private void AddConstant(ExpressionSyntax node, IFieldSymbol field)
    {
        if (TemplateSymbols.IsTemplateClass(field.ContainingType))
        {
            Add(node, AnnotationKind.Field, ClassName(node, field) + "." + field.Name);
        }
        else
        {
            Add(node, AnnotationKind.Constant, FoldableName(field.Type) + "=" + TemplateSymbols.FoldableValue(field.ConstantValue!));
        }
    }

    private string ClassName(ExpressionSyntax node, ISymbol member) =>
        node is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax type } && model.GetAliasInfo(type)?.Name == InstructionSet
            ? InstructionSet
            : member.ContainingType.Name;

    private string FoldableName(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum } named)
        {
            enums.Add(named);
        }
        return TemplateSymbols.FoldableName(type);
    }

    private void Add(SyntaxNode node, AnnotationKind kind, string payload) => annotations.Add(new(node.SpanStart, node.Span.Length, kind, payload));

    private void Add(SyntaxToken token, AnnotationKind kind, string payload) => AddToken(token, kind, payload);

    private void AddToken(SyntaxToken token, AnnotationKind kind, string payload) => annotations.Add(new(token.SpanStart, token.Span.Length, kind, payload));
}
