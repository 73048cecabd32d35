using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Prints the statements of a template: live branches only, loops unrolled, register arrays as locals.</summary>
internal sealed partial class StatementPrinter(Specializer specializer, Frame frame, CodeWriter output, bool comments = true)
{
    private readonly ExpressionPrinter expressions = new(specializer, frame);
    private bool withComments = comments;

    /// <summary>A local was declared in the block that is being printed, so its braces must stay.</summary>
    private bool declares;

    /// <summary>Prints a block in its braces.</summary>
    public void PrintBlock(StatementSyntax body)
    {
        var outer = declares;
        output.Open();
        PrintBody(body);
        output.Close();
        declares = outer;
    }

    /// <summary>Prints what is inside a block, in braces only if it declares something.</summary>
    public void PrintFlat(StatementSyntax body) => Enclosed(() => PrintBody(body));

    private void Enclosed(Action print)
    {
        var outer = declares;
        declares = false;
        var mark = output.Mark();
        print();
        if (declares)
        {
            output.Enclose(mark);
        }
        declares = outer;
    }

    private void PrintBody(StatementSyntax body)
    {
        if (body is not BlockSyntax block)
        {
            Print(body);
            return;
        }
        foreach (var statement in block.Statements)
        {
            Print(statement);
        }
    }

    private void Print(StatementSyntax node)
    {
        PrintLeadingComments(node);
        switch (node)
        {
            case BlockSyntax:
                PrintFlat(node);
                break;
            case LocalDeclarationStatementSyntax s:
                PrintLocals(s);
                break;
            case ExpressionStatementSyntax s:
                PrintExpression(s.Expression);
                PrintTrailingComment(s);
                break;
            case IfStatementSyntax s:
                PrintIf(s);
                break;
            case ForStatementSyntax s:
                PrintFor(s);
                break;
            case WhileStatementSyntax s:
                output.Write($"while ({expressions.Print(s.Condition).Text})");
                PrintBlock(s.Statement);
                break;
            case DoStatementSyntax s:
                output.Write("do");
                PrintBlock(s.Statement);
                output.Write($"while ({expressions.Print(s.Condition).Text});");
                break;
            case ForEachStatementSyntax s:
                PrintUnrolled(s);
                break;
            case SwitchStatementSyntax s:
                PrintSwitch(s);
                break;
            case ReturnStatementSyntax s:
                output.Write(s.Expression is null ? "return;" : $"return {expressions.Print(s.Expression).Text};");
                break;
            case BreakStatementSyntax or ContinueStatementSyntax:
                output.Write(node.GetFirstToken().Text + ";");
                break;
            default:
                throw frame.Container.Error(node, $"{node.Kind()} is not part of the template language.");
        }
    }

    private void PrintExpression(ExpressionSyntax node)
    {
        if (node is InvocationExpressionSyntax call && expressions.Target(call) is { IsInlined: true } target)
        {
            Inline(call, target);
        }
        else
        {
            output.Write(expressions.Print(node).Text + ";");
        }
    }

    private void PrintIf(IfStatementSyntax node)
    {
        for (var keyword = "if"; ; keyword = "else if")
        {
            var condition = expressions.Print(node.Condition);
            if (condition.Value is { } decided)
            {
                PrintDecided(node, decided.IsTrue, isFirst: keyword == "if");
                return;
            }
            output.Write($"{keyword} ({condition.Text})");
            PrintBlock(node.Statement);
            if (node.Else?.Statement is not IfStatementSyntax next)
            {
                break;
            }
            node = next;
        }
        if (node.Else is { } last)
        {
            output.Write("else");
            PrintBlock(last.Statement);
        }
    }

    /// <summary>The live branch of an <c>if</c> on a constant; in an <c>else if</c> chain it becomes the <c>else</c>.</summary>
    private void PrintDecided(IfStatementSyntax node, bool isTrue, bool isFirst)
    {
        var live = isTrue ? node.Statement : node.Else?.Statement;
        if (live is null)
        {
            return;
        }
        if (isFirst)
        {
            PrintFlat(live);
            return;
        }
        output.Write("else");
        PrintBlock(live);
    }

    private void PrintFor(ForStatementSyntax node)
    {
        var start = node.Declaration is { } declaration
            ? PrintDeclaration(declaration, keepAll: true)
            : string.Join(", ", node.Initializers.Select(i => expressions.Print(i).Text));
        var condition = node.Condition is null ? string.Empty : expressions.Print(node.Condition).Text;
        var steps = string.Join(", ", node.Incrementors.Select(i => expressions.Print(i).Text));
        output.Write($"for ({start}; {condition}; {steps})");
        PrintBlock(node.Statement);
    }

    private void PrintUnrolled(ForEachStatementSyntax node)
    {
        var bounds = ((InvocationExpressionSyntax)node.Expression).ArgumentList.Arguments;
        var from = bounds.Count == 1 ? 0 : expressions.EvaluateInt(bounds[0].Expression);
        var to = expressions.EvaluateInt(bounds[bounds.Count - 1].Expression);
        var outerComments = withComments;
        for (var i = from; i < to; i++)
        {
            frame.Bind(node.Identifier.Text, expressions.Known(Constant.Of(i)));
            PrintFlat(node.Statement);
            withComments = false;
        }
        withComments = outerComments;
        frame.Unbind(node.Identifier.Text);
    }

    private void PrintSwitch(SwitchStatementSyntax node)
    {
        var value = expressions.Evaluate(node.Expression);
        var live = node.Sections.FirstOrDefault(s => PatternMatching.Matches(s, value, expressions.Evaluate))
            ?? node.Sections.FirstOrDefault(s => s.Labels.Any(label => label.IsKind(SyntaxKind.DefaultSwitchLabel)));
        if (live is not null)
        {
            Enclosed(() =>
            {
                foreach (var statement in live.Statements.Where(s => s is not BreakStatementSyntax))
                {
                    Print(statement);
                }
            });
        }
    }
}
