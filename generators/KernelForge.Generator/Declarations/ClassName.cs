using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Generator.Declarations;

/// <summary>The full name of a generated class.</summary>
/// <param name="Namespace">Dotted, or empty: the global namespace.</param>
/// <param name="Name">The class itself.</param>
public sealed record ClassName(string Namespace, string Name)
{
    /// <summary>Dotted, without <c>global::</c>.</summary>
    public string FullName => Namespace.Length == 0 ? Name : Namespace + "." + Name;

    /// <summary>How any C# file may refer to it.</summary>
    public string GlobalName => "global::" + FullName;

    /// <summary>Splits a full name; null where a part of it is no C# identifier or is a keyword.</summary>
    public static ClassName? Parse(string text)
    {
        foreach (var part in text.Split('.'))
        {
            if (!SyntaxFacts.IsValidIdentifier(part) || SyntaxFacts.GetKeywordKind(part) != SyntaxKind.None || IsReservedTypeName(part))
                return null;
        }

        var dot = text.LastIndexOf('.');
        return dot < 0 ? new(string.Empty, text) : new(text.Substring(0, dot), text.Substring(dot + 1));
    }

    /// <summary>Contextual keywords that C# refuses as the name of a class.</summary>
    private static bool IsReservedTypeName(string part) =>
        part is "record" or "var" or "dynamic" or "nint" or "nuint" or "partial" or "where" or "required" or "scoped" or "file" or "notnull" or "unmanaged" or "await"
            or "allows" or "extension" or "field";
}
