using System.Globalization;
using Microsoft.CodeAnalysis;

namespace KernelForge.TemplateLanguage;

/// <summary>Constants that are not folded, as C# literals of the very type and value.</summary>
internal static class Literals
{
    public static string Format(IFieldSymbol constant)
    {
        var text = Convert.ToString(constant.ConstantValue, CultureInfo.InvariantCulture)!;
        return constant.Type.SpecialType switch
        {
            SpecialType.System_Single => ((float)constant.ConstantValue!).ToString("R", CultureInfo.InvariantCulture) + "f",
            SpecialType.System_Double => ((double)constant.ConstantValue!).ToString("R", CultureInfo.InvariantCulture) + "d",
            SpecialType.System_UInt32 => text + "u",
            SpecialType.System_Int64 => text + "L",
            SpecialType.System_UInt64 => text + "UL",
            _ => $"(({constant.Type.ToDisplayString()}){text})",
        };
    }
}
