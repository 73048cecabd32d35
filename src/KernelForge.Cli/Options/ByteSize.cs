using System.CommandLine;
using System.Globalization;

namespace KernelForge.Options;

/// <summary>Options that are sizes: bytes, or a number with kB, MB, GB (powers of 1,000) or KiB, MiB, GiB (of 1,024).</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, double Bytes)[] Units =
        [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1)];

    /// <summary>An option with a size.</summary>
    public static Option<long?> Create(string description, string name) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            var unit = Units.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
            var number = text.AsSpan(0, text.Length - unit.Suffix.Length);
            if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * unit.Bytes is >= 1 and < long.MaxValue)
                return (long)(value * unit.Bytes);
            result.AddError($"{name} needs a size such as 98362432, 90MB or 1.5GiB, not '{text}'.");
            return null;
        },
    };
}
