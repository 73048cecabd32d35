using System.CommandLine;
using System.Globalization;

namespace KernelForge.Cli.Commands;

/// <summary>Ranges of options, checked while the command line is parsed.</summary>
internal static class Ranges
{
    /// <summary>Refuses integers outside a range.</summary>
    public static void Require(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && (value < least || value > most))
            result.AddError(most == int.MaxValue ? $"{option.Name} must be at least {least}, not {value}." : $"{option.Name} must be from {least} to {most}, not {value}.");
    });
}
