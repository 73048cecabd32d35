using System.CommandLine;
using KernelForge.Cli.Output;
using KernelForge.Formats.Packing;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge verify</c>: every byte of a packed file.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A packed file, or an executable that carries some." };
        var command = new Command("verify", "Checks every byte of packed weights, alone or in an executable.") { file };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var status = new StatusLine("verifying");
                var reports = PackedFileVerifier.Verify(parsed.GetRequiredValue(file), status, cancellation);
                status.Clear();
                foreach (var report in reports)
                    Print(report);
                return 0;
            },
            cancellation));
        return command;
    }

    private static void Print(PackedFileReport report)
    {
        Console.Out.WriteLine($"intact: {report.Length:N0} bytes at offset {report.Offset:N0}, plan {report.PlanHash}");
        foreach (var section in report.Sections)
            Console.Out.WriteLine($"  {section.Name,-12} {section.Offset,16:N0} +{section.Length:N0}");
    }
}
