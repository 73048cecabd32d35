using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Comments of the template, once: the copies of an unrolled body have none.</summary>
internal sealed partial class StatementPrinter
{
    private void PrintLeadingComments(StatementSyntax node)
    {
        if (!withComments || !node.HasLeadingTrivia)
        {
            return;
        }
        foreach (var trivia in node.GetLeadingTrivia())
        {
            if (trivia.IsKind(SyntaxKind.EndOfLineTrivia) && trivia.SpanStart == node.FullSpan.Start)
            {
                output.Separate();
            }
            else if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia))
            {
                output.Write(trivia.ToString());
            }
        }
    }

    private void PrintTrailingComment(StatementSyntax node)
    {
        if (!withComments)
        {
            return;
        }
        foreach (var trivia in node.GetTrailingTrivia())
        {
            if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia))
            {
                output.Append(" " + trivia.ToString());
            }
        }
    }
}
