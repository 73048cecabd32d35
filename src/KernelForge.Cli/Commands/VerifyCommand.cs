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
                var path = parsed.GetRequiredValue(file);
                if (Directory.Exists(path) || IsGguf(path))
                    throw new UserException($"{path}: this is a model, and verify checks what was packed of one: .kfw files, and executables that carry some. kforge inspect checks models.");
                var status = new StatusLine("verifying");
                var reports = PackedFileVerifier.Verify(path, status, cancellation);
                status.Clear();
                foreach (var report in reports)
                    Print(report);
                return 0;
            },
            cancellation));
        return command;
    }

    private static bool IsGguf(string path)
    {
        if (!File.Exists(path))
            return false;
        using var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("GGUF"u8);
    }

    private static void Print(PackedFileReport report)
    {
        Console.Out.WriteLine($"intact: {report.Length:N0} bytes at offset {report.Offset:N0}, plan {report.PlanHash}");
        foreach (var section in report.Sections)
            Console.Out.WriteLine($"  {section.Name,-12} {section.Offset,16:N0} +{section.Length:N0}");
    }
}
