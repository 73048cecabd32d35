using KernelForge.Formats.Conversion;

namespace KernelForge.Cli.Inspection;

/// <summary>What is not run as it is stored: a line on standard output for each pair of types, and a warning where one changes weights much.</summary>
internal static class ConversionReport
{
    public static void Write(IReadOnlyList<TypeConversion> conversions)
    {
        foreach (var conversion in conversions)
            Console.Out.WriteLine(conversion);
        Warn(conversions);
    }

    public static void Warn(IReadOnlyList<TypeConversion> conversions)
    {
        foreach (var conversion in conversions.Where(conversion => conversion.IsCoarse))
            Console.Error.WriteLine($"warning: {conversion.Warning}");
    }
}
