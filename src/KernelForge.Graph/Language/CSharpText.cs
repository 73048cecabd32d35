using System.Globalization;
using System.Text;

namespace KernelForge.Language;

/// <summary>Constants as C# writes them; what is read again is the same value.</summary>
internal static class CSharpText
{
    public static string Of(bool value) => value ? "true" : "false";

    /// <summary>Thousands apart from five digits on.</summary>
    public static string Of(long value)
    {
        var digits = Math.Abs(value).ToString(CultureInfo.InvariantCulture);
        if (digits.Length > 4)
        {
            for (var i = digits.Length - 3; i > 0; i -= 3)
                digits = digits.Insert(i, "_");
        }

        return value < 0 ? "-" + digits : digits;
    }

    /// <summary>The shortest text that gives the same binary32 number, also when it is read as binary64 first.</summary>
    public static string Of(float value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return (float)double.Parse(text, CultureInfo.InvariantCulture) == value ? Real(text, value) : Of((double)value);
    }

    public static string Of(double value) => Real(value.ToString("R", CultureInfo.InvariantCulture), value);

    public static string Of(IEnumerable<double> values) => "[" + string.Join(", ", values.Select(Of)) + "]";

    /// <summary>A string literal; what could be taken for something else is escaped.</summary>
    public static string Of(string value)
    {
        var literal = new StringBuilder("\"");
        foreach (var character in value)
        {
            literal.Append(character switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when IsPlain(character) => character.ToString(),
                _ => "\\u" + ((int)character).ToString("X4", CultureInfo.InvariantCulture),
            });
        }

        return literal.Append('"').ToString();
    }

    private static bool IsPlain(char character) =>
        character < 0x7F ? character >= ' ' : CharUnicodeInfo.GetUnicodeCategory(character) is <= UnicodeCategory.OtherLetter or UnicodeCategory.MathSymbol;

    // 1E-05 becomes 1e-5, and 10000 becomes 10_000.
    private static string Real(string text, double value)
    {
        if (value == Math.Floor(value) && Math.Abs(value) < 1e9)
            return Of((long)value);
        var exponent = text.IndexOf('E');
        return exponent < 0 ? text : text.Substring(0, exponent) + "e" + int.Parse(text.Substring(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }
}
