using Microsoft.CodeAnalysis;

namespace KernelForge.TemplateLanguage;

/// <summary>All diagnostics of the template language.</summary>
internal static class LanguageRules
{
    public static readonly DiagnosticDescriptor Construct = Rule("KFT0001", "Not part of the template language", "{0} is not part of the template language");

    public static readonly DiagnosticDescriptor Constant = Rule(
        "KFT0002", "Constant expression expected", "{0} must be a constant expression: literals, constants, constant parameters, variables of unrolled loops, Simd.Width");

    public static readonly DiagnosticDescriptor Class = Rule("KFT0003", "Form of a template class", "{0}");

    public static readonly DiagnosticDescriptor Parameter = Rule("KFT0004", "Form of a parameter", "Parameter '{0}': {1}");

    public static readonly DiagnosticDescriptor Registers = Rule(
        "KFT0005", "Use of a register array", "Register array '{0}' can only be declared by 'var name = new Registers<T>(n)', indexed by a constant, or passed on by ref");

    public static readonly DiagnosticDescriptor Inlined = Rule(
        "KFT0006", "Method that is inlined", "'{0}' has ref Registers parameters, so it is inlined: it must be void and contain no return");

    public static readonly DiagnosticDescriptor Call = Rule("KFT0007", "Call of something that is no template", "'{0}' cannot be called here: {1}");

    public static readonly DiagnosticDescriptor LocalName = Rule(
        "KFT0008", "Name of a local", "'{0}' must start with a lower-case letter, so that it hides no method or constant where the template is specialised");

    public static readonly DiagnosticDescriptor Recursion = Rule("KFT0009", "Recursion", "'{0}' calls itself");

    public static readonly DiagnosticDescriptor Jump = Rule(
        "KFT0010", "Jump out of what disappears", "'{0}' cannot leave {1}, which disappears when the template is specialised");

    private static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id, title, message, "Templates", DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: "docs/templates.md");
}
