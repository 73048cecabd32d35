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

    public static string Of(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c is >= ' ' and <= '~')
                text.Append(c);
            else
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
        }

        return text.Append('"').ToString();
    }

    // 1E-05 becomes 1e-5, and 10000 becomes 10_000.
    private static string Real(string text, double value)
    {
        if (value == Math.Floor(value) && Math.Abs(value) < 1e9)
            return Of((long)value);
        var exponent = text.IndexOf('E');
        return exponent < 0 ? text : text.Substring(0, exponent) + "e" + int.Parse(text.Substring(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }
}
