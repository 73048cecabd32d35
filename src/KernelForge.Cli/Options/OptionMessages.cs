using System.CommandLine;
using System.CommandLine.Completions;

namespace KernelForge.Options;

/// <summary>Messages of the library in the words of a command line.</summary>
internal static class OptionMessages
{
    /// <summary>What is wrong with an option, named as it was written: <c>--top-p</c> where the library says <c>TopP</c>.</summary>
    public static string Of(ArgumentException error)
    {
        var end = error.Message.IndexOf(" (Parameter", StringComparison.Ordinal);
        var message = end < 0 ? error.Message : error.Message[..end];
        return error.ParamName is { Length: > 0 } name && char.IsUpper(name[0]) ? message.Replace(name, OptionOf(name), StringComparison.Ordinal) : message;
    }

    /// <summary>That a command knows no such word.</summary>
    /// <param name="word">As it was written.</param>
    /// <param name="command">Program and command, as they are typed.</param>
    public static string Unknown(string word, string command) => $"'{word}' is not known to {command}. {Help(command)}";

    /// <summary>Where to read how a command is written.</summary>
    public static string Help(string command) => $"{command} --help shows how it is written.";

    /// <summary>Refuses values that an option does not know.</summary>
    public static void AcceptOnly(Option option, params string[] values)
    {
        option.HelpName = string.Join('|', values);
        option.CompletionSources.Add(_ => values.Select(value => new CompletionItem(value)));
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !values.Contains(token.Value, StringComparer.Ordinal)))
                result.AddError($"{option.Name} knows {string.Join(", ", values[..^1])} and {values[^1]}, not '{token.Value}'.");
        });
    }

    private static string OptionOf(string name) =>
        "-" + string.Concat(name.Select(letter => char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : letter.ToString()));
}
