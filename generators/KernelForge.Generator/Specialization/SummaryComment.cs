using System.Text;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>The summary of a template's documentation as plain lines.</summary>
internal static class SummaryComment
{
    private const string Start = "<summary>";
    private const string End = "</summary>";

    public static IEnumerable<string> Lines(MethodDeclarationSyntax method)
    {
        var comment = method.GetLeadingTrivia().ToFullString();
        var from = comment.IndexOf(Start, StringComparison.Ordinal);
        var to = comment.IndexOf(End, StringComparison.Ordinal);
        if (from < 0 || to < from)
        {
            return [];
        }
        return WithoutTags(comment.Substring(from + Start.Length, to - from - Start.Length))
            .Split('\n').Select(line => line.Trim().TrimStart('/').Trim()).Where(line => line.Length > 0);
    }

    /// <summary>A reference (<c>cref</c>, <c>name</c>) is replaced by what it names; other tags go.</summary>
    private static string WithoutTags(string text)
    {
        var result = new StringBuilder();
        var at = 0;
        for (var open = text.IndexOf('<'); open >= 0; open = text.IndexOf('<', at))
        {
            var close = text.IndexOf('>', open);
            if (close < 0)
            {
                break;
            }
            var quoted = text.Substring(open, close - open).Split('"');
            result.Append(text, at, open - at).Append(quoted.Length == 3 ? quoted[1] : string.Empty);
            at = close + 1;
        }
        return result.Append(text, at, text.Length - at).Replace("&lt;", "<").Replace("&gt;", ">").Replace("&amp;", "&").ToString();
    }
}
