using System.Globalization;
using Microsoft.CodeAnalysis;

namespace KernelForge.TemplateLanguage;

/// <summary>Recognises the types of the template language.</summary>
internal static class TemplateSymbols
{
    private const string LanguageNamespace = "KernelForge.Kernels";

    private static readonly SymbolDisplayFormat QualifiedName = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGenericsOptions(SymbolDisplayGenericsOptions.None)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    public static bool IsTemplateClass(ITypeSymbol? type) => type is not null && HasAttribute(type, "KernelTemplateAttribute");

    public static bool IsConstantParameter(IParameterSymbol parameter) => HasAttribute(parameter, "ConstantAttribute");

    public static bool IsRegisters(ITypeSymbol? type) => IsLanguageType(type, "Registers");

    public static bool IsEpilogueHole(ITypeSymbol? type) => IsLanguageType(type, "Epilogue");

    public static bool IsUnrollRange(ISymbol? symbol) => symbol is IMethodSymbol { Name: "Range" } && IsLanguageType(symbol.ContainingType, "Unroll");

    public static bool IsVector(ITypeSymbol? type) => type is INamedTypeSymbol { Name: "Vector128" or "Vector256" or "Vector512", IsGenericType: true }
        && type.ContainingNamespace.ToDisplayString() == "System.Runtime.Intrinsics";

    /// <summary>Types whose arithmetic the specialiser folds.</summary>
    public static bool IsFoldable(ITypeSymbol? type) => type is { SpecialType: SpecialType.System_Int32 or SpecialType.System_Boolean } or { TypeKind: TypeKind.Enum };

    public static bool IsIntegralOrPointer(ITypeSymbol? type) => type is { TypeKind: TypeKind.Pointer }
        or { SpecialType: >= SpecialType.System_SByte and <= SpecialType.System_UInt64 or SpecialType.System_IntPtr or SpecialType.System_UIntPtr };

    /// <summary><c>global::Namespace.Type</c>, without type arguments.</summary>
    public static string Qualified(ISymbol symbol) => symbol.ToDisplayString(QualifiedName);

    public static string FoldableName(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int32 => "int",
        SpecialType.System_Boolean => "bool",
        _ => Qualified(type),
    };

    public static string FoldableValue(object value) => value is bool b ? (b ? "1" : "0") : Convert.ToInt64(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    private static bool IsLanguageType(ITypeSymbol? type, string name) => type?.Name == name && type.ContainingNamespace.ToDisplayString() == LanguageNamespace;

    private static bool HasAttribute(ISymbol symbol, string name) =>
        symbol.GetAttributes().Any(a => a.AttributeClass?.Name == name && a.AttributeClass.ContainingNamespace.ToDisplayString() == LanguageNamespace);
}
