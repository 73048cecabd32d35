using KernelForge.Cli.Output;
using Spectre.Console;

namespace KernelForge.Cli.Inspection;

/// <summary>Where the time of a token goes, step by step.</summary>
internal static class KernelReport
{
    public static void Write(IAnsiConsole console, KernelTimes times)
    {
        console.WriteLine($"{times.Model}, {times.InstructionSet}, {times.Threads} threads, memory roof {times.RoofGigabytesPerSecond:F1} GB/s");
        Write(console, "decode", times.Decode);
        Write(console, "prefill", times.Prefill);
    }

    private static void Write(IAnsiConsole console, string title, IReadOnlyList<KernelTime> steps)
    {
        if (steps.Count == 0)
            return;
        var total = steps.Sum(step => step.Microseconds);
        console.WriteLine($"{title}: {total:N0} us a token");
        var table = new Table().AddColumns("kind", "step", "kernel")
            .AddColumn("calls", column => column.RightAligned())
            .AddColumn("us a token", column => column.RightAligned())
            .AddColumn("time", column => column.RightAligned())
            .AddColumn("GB/s", column => column.RightAligned())
            .AddColumn("of the roof", column => column.RightAligned())
            .AddColumn("GOPS", column => column.RightAligned());
        foreach (var step in steps)
        {
            table.AddRow(
                Markup.Escape(step.Kind), Markup.Escape(step.Step), Markup.Escape(step.Kernel), $"{step.Calls}", $"{step.Microseconds:N1}", $"{step.Microseconds / total:P1}",
                Number(step.GigabytesPerSecond, "N1"), Number(step.ShareOfRoof, "P0"), Number(step.GigaOperationsPerSecond, "N0"));
        }

        console.Write(table);
    }

    private static string Number(double? value, string format) => value?.ToString(format, System.Globalization.CultureInfo.CurrentCulture) ?? string.Empty;
}
