using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Declarations;

/// <summary>A type in the user's own files: perhaps a part of a generated class. Read from syntax alone.</summary>
/// <param name="FullName">Namespace and name.</param>
/// <param name="IsClass">Not a struct, record, interface or enum, and without type parameters.</param>
/// <param name="IsPartial">Has the modifier.</param>
/// <param name="Place">Of the name.</param>
public sealed record UserPart(string FullName, bool IsClass, bool IsPartial, SourcePlace Place)
{
    /// <summary>Types that stand in a namespace or in none; a nested type is no candidate.</summary>
    internal static bool IsCandidate(SyntaxNode node) =>
        node is BaseTypeDeclarationSyntax { Parent: CompilationUnitSyntax or BaseNamespaceDeclarationSyntax };

    internal static UserPart Read(SyntaxNode node)
    {
        var type = (BaseTypeDeclarationSyntax)node;
        return new(
            FullNameOf(type),
            type is ClassDeclarationSyntax { TypeParameterList: null },
            type.Modifiers.Any(SyntaxKind.PartialKeyword),
            SourcePlace.Of(type.Identifier.GetLocation()));
    }

    private static string FullNameOf(BaseTypeDeclarationSyntax type)
    {
        var name = type.Identifier.ValueText;
        for (var outer = type.Parent; outer is BaseNamespaceDeclarationSyntax space; outer = space.Parent)
            name = space.Name.ToString() + "." + name;
        return name;
    }
}
