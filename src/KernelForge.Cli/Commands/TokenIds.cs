using System.CommandLine;
using System.Globalization;

namespace KernelForge.Cli.Commands;

/// <summary>The option <c>--ids 5,6,7</c>.</summary>
internal static class TokenIds
{
    public static Option<string> Create() => new("--ids") { Description = "Token ids with commas between.", Required = true };

    /// <summary>The ids.</summary>
    /// <exception cref="UserException">The text is no list of ids.</exception>
    public static int[] Parse(string text)
    {
        var ids = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length == 0)
            throw new UserException("--ids needs at least one token id, for example --ids 5,6,7.");
        return Array.ConvertAll(ids, id => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new UserException($"'{id}' is no token id. Write ids with commas between, for example --ids 5,6,7."));
    }
}
