using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.TemplateLanguage;

/// <summary>Finds template methods that call themselves, directly or through others: specialising those would not end.</summary>
internal static class Recursion
{
    public static bool Contains(IMethodSymbol method, Compilation compilation)
    {
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var pending = new Stack<IMethodSymbol>(Callees(method, compilation));
        while (pending.Count > 0)
        {
            var next = pending.Pop();
            if (SymbolEqualityComparer.Default.Equals(next, method))
            {
                return true;
            }
            if (seen.Add(next))
            {
                foreach (var callee in Callees(next, compilation))
                {
                    pending.Push(callee);
                }
            }
        }
        return false;
    }

    private static IEnumerable<IMethodSymbol> Callees(IMethodSymbol method, Compilation compilation)
    {
        foreach (var reference in method.DeclaringSyntaxReferences)
        {
            var declaration = reference.GetSyntax();
#pragma warning disable RS1030 // Callees may lie in other files than the one that is analysed.
            var model = compilation.GetSemanticModel(declaration.SyntaxTree);
#pragma warning restore RS1030
            foreach (var call in declaration.DescendantNodes().OfType<InvocationExpressionSyntax>())
            {
                if (model.GetSymbolInfo(call).Symbol is IMethodSymbol callee && TemplateSymbols.IsTemplateClass(callee.ContainingType))
                {
                    yield return callee;
                }
            }
        }
    }
}
