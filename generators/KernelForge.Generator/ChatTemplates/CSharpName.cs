namespace KernelForge.Generator.ChatTemplates;

/// <summary>Spells names in C#.</summary>
internal static class CSharpName
{
    private static readonly HashSet<string> Reserved =
    [
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default",
        "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if",
        "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out", "override",
        "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string",
        "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void",
        "volatile", "while", "var", "dynamic", "await", "field", "value", "output", "request", "loop", "global", "nameof", "_",
    ];

    /// <summary>A name that means nothing else in C#.</summary>
    public static string Of(string name)
    {
        var spelled = new string(name.Select(static c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' ? c : '_').ToArray());
        return Reserved.Contains(spelled) ? spelled + "_" : spelled;
    }
}
