using System.CommandLine;

namespace KernelForge.Cli.Commands;

/// <summary><c>--allow-non-finite</c>, for those who look for the cause of such weights.</summary>
internal static class NonFinite
{
    public static Option<bool> CreateOption() => new("--allow-non-finite") { Description = "Accept weights that are infinite or not a number; one of them spoils every answer." };
}
