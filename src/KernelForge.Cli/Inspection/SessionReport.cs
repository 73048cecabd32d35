using KernelForge.Cache;
using KernelForge.Plans;
using Spectre.Console;

namespace KernelForge.Cli.Inspection;

/// <summary>The bytes that a session takes, exactly, before there is one.</summary>
internal static class SessionReport
{
    /// <summary>Bytes of a session with all its logits.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="format">How its keys and values are stored.</param>
    /// <param name="context">Tokens that it may hold.</param>
    /// <param name="tokens">Tokens that it holds.</param>
    public static long Bytes(Plan plan, KeyValueFormat format, int context, int tokens)
    {
        var page = checked((nint)CachePlaces.PageBytes(plan.Cache, (CacheFormat)format));
        return SessionBytes.Empty(context) + SessionBytes.Pages(page, tokens) + SessionBytes.Logits(plan.Vocabulary);
    }

    /// <summary>A table of bytes by tokens and cache.</summary>
    public static void Write(IAnsiConsole console, Plan plan, int context)
    {
        context = context == 0 ? plan.Context : Math.Min(context, plan.Context);
        var formats = Enum.GetValues<KeyValueFormat>();
        var table = new Table().AddColumns([$"session of {context:N0} tokens at most, bytes", .. formats.Select(format => format.ToString().ToLowerInvariant())]);
        foreach (var tokens in new[] { 1, 64, 512, 4096, 32768, context }.Where(tokens => tokens <= context).Distinct())
            table.AddRow([$"{tokens:N0} held", .. formats.Select(format => $"{Bytes(plan, format, context, tokens):N0}")]);
        console.Write(table);
    }
}
