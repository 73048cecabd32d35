using System.CommandLine;
using System.Globalization;

namespace KernelForge.Options;

/// <summary>Options that are sizes of memory: 800000000, 800M, 1.5G.</summary>
internal static class SizeOption
{
    private const string Units = "KMGT";

    /// <summary>An option with a number of bytes, 0 where it is not given.</summary>
    /// <param name="description">What it does.</param>
    /// <param name="name">As it is written, with its dashes.</param>
    public static Option<long> Create(string description, string name) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryParse(text, out var bytes))
                return bytes;
            result.AddError($"{name} needs a size, such as 800M or 1.5G (K, M, G and T count by 1,024), not '{text}'.");
            return 0;
        },
    };

    private static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var unit = text.Length > 0 ? Units.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) + 1 : 0;
        if (!decimal.TryParse(unit > 0 ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        for (; unit > 0 && number < long.MaxValue; unit--)
            number *= 1024;
        if (number < 1 || number > long.MaxValue)
            return false;
        bytes = (long)number;
        return true;
    }
}
