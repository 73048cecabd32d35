using KernelForge.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.GraphReading;

/// <content>What the C# compiler makes of the user's code.</content>
internal sealed partial class Evaluator
{
    // Levels of the syntax; a call behind a call has two. Each takes the compiler up to 3 KB of a stack of 1 MB or more.
    private const int MostLevels = 250;

    /// <summary>The operations of a method, a local function or an expression; null where it is no C#.</summary>
    /// <exception cref="ReadException">It is nested too deep: the compiler makes operations by recursion, with no look at its stack, and would end with it.</exception>
    public IOperation? OperationOf(SyntaxNode syntax)
    {
        if (FirstTooDeep(syntax) is { } deep)
            throw new ReadException(DeclarationCodes.TooLong, $"The declaration is nested more than {MostLevels} levels deep here. Give its parts names: local variables or methods.", deep);
        return compilation.GetSemanticModel(syntax.SyntaxTree).GetOperation(syntax, cancellation);
    }

    /// <summary>Where a symbol is declared in this program; an editor knows the source of other projects too, which no build sees.</summary>
    private SyntaxNode? SyntaxOf(ISymbol symbol) =>
        symbol.DeclaringSyntaxReferences.FirstOrDefault() is { } reference && compilation.ContainsSyntaxTree(reference.SyntaxTree) ? reference.GetSyntax(cancellation) : null;

    /// <summary>Whether a static constructor speaks of a field or property: it may give it another value than the one beside it.</summary>
    private bool IsInConstructor(ISymbol symbol) => symbol.ContainingType.StaticConstructors
        .Select(SyntaxOf)
        .Any(syntax => syntax is not null && syntax.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => name.Identifier.ValueText == symbol.Name));

    private static SyntaxNode? FirstTooDeep(SyntaxNode root)
    {
        var pending = new Stack<(SyntaxNode Node, int Level)>([(root, 1)]);
        while (pending.Count > 0)
        {
            var (node, level) = pending.Pop();
            if (level > MostLevels)
                return node;
            foreach (var child in node.ChildNodes())
                pending.Push((child, level + 1));
        }

        return null;
    }
}
