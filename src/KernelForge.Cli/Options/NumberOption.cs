using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace KernelForge.Options;

/// <summary>Options that are numbers. What is none is refused in words: the command line's own message names a .NET type.</summary>
internal static class NumberOption
{
    /// <summary>An option with a number, written as in English whatever the machine's language is.</summary>
    /// <param name="standard">What counts where the option is not given.</param>
    /// <param name="description">What it does.</param>
    /// <param name="name">As it is written, with its dashes.</param>
    /// <param name="aliases">Other names.</param>
    public static Option<T> Create<T>(T standard, string description, string name, params string[] aliases)
        where T : struct, INumber<T>, IMinMaxValue<T> => new(name, aliases)
        {
            Description = description,
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, CultureInfo.InvariantCulture, out var value))
                    return value;
                result.AddError($"{name} needs {Wanted<T>()}, not '{text}'.");
                return default;
            },
        };

    // Half of one is nothing among whole numbers.
    private static string Wanted<T>()
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        T.IsZero(T.One / (T.One + T.One)) ? $"a whole number of at most {T.MaxValue}" : "a number";
}
