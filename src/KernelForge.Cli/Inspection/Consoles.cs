using Spectre.Console;

namespace KernelForge.Cli.Inspection;

/// <summary>Standard output for tables: as wide as they need where it is no terminal.</summary>
internal static class Consoles
{
    private const int FileWidth = 200;

    public static IAnsiConsole Output()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = FileWidth;
        return console;
    }

    /// <summary>Text from a file as a terminal may show it.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
