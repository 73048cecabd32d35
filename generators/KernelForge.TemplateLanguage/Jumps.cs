using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.TemplateLanguage;

/// <summary>Finds <c>break</c> and <c>continue</c> that would leave an unrolled loop or a switch, neither of which is there when they would run.</summary>
internal static class Jumps
{
    public static void Check(ForEachStatementSyntax loop, Action<Diagnostic> report)
    {
        foreach (var jump in Inside(loop.Statement, descendIntoSwitches: true))
        {
            if (!(jump is BreakStatementSyntax && jump.Parent is SwitchSectionSyntax))
            {
                Report(jump, "an unrolled loop", report);
            }
        }
    }

    public static void Check(SwitchStatementSyntax statement, Action<Diagnostic> report)
    {
        foreach (var section in statement.Sections)
        {
            foreach (var jump in section.Statements.SelectMany(s => Inside(s, descendIntoSwitches: false)))
            {
                if (jump is BreakStatementSyntax && jump != section.Statements.Last())
                {
                    Report(jump, "a switch (except as the last statement of a section)", report);
                }
            }
        }
    }

    private static IEnumerable<StatementSyntax> Inside(StatementSyntax statement, bool descendIntoSwitches) => statement
        .DescendantNodesAndSelf(node => node is not (ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax or ForEachStatementSyntax)
            && (descendIntoSwitches || node is not SwitchStatementSyntax))
        .OfType<StatementSyntax>()
        .Where(node => node is BreakStatementSyntax or ContinueStatementSyntax);

    private static void Report(StatementSyntax jump, string what, Action<Diagnostic> report) =>
        report(Diagnostic.Create(LanguageRules.Jump, jump.GetLocation(), jump.GetFirstToken().Text, what));
}
