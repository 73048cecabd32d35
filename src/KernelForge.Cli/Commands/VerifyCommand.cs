using System.CommandLine;
using KernelForge.Cli.Output;
using KernelForge.Formats.Packing;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge verify</c>: every byte of a packed file.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A packed file, or an executable that carries one." };
        var command = new Command("verify", "Checks every byte of packed weights, alone or in an executable.") { file };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var status = new StatusLine("verifying");
                var report = PackedFileVerifier.Verify(parsed.GetRequiredValue(file), status, cancellation);
                status.Clear();
                Console.Out.WriteLine($"intact: {report.Length:N0} bytes at offset {report.Offset:N0}, plan {report.PlanHash}");
                foreach (var section in report.Sections)
                    Console.Out.WriteLine($"  {section.Name,-12} {section.Offset,16:N0} +{section.Length:N0}");
                return 0;
            },
            cancellation));
        return command;
    }
}
