using System.CommandLine;
using System.Diagnostics;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Inspection;
using KernelForge.Cli.Output;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Packing;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge pack</c>: the packed weights of a model's plan.</summary>
internal static class PackCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--output", "-o") { Description = "The packed file (.kfw).", Required = true };
        var command = new Command("pack", "Packs the weights of a model for the plan that these options give.");
        var arguments = new ModelArguments(command);
        var nonFinite = NonFinite.CreateOption();
        command.Add(output);
        command.Add(nonFinite);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var request = arguments.Read(parsed);
                var planned = ModelPlanner.Plan(request);
                var path = OutputPath.ForFile(parsed.GetRequiredValue(output), "--output", request.Path);
                var status = new StatusLine("packing");
                var start = Stopwatch.GetTimestamp();
                var conversions = new List<TypeConversion>();
                var written = Packer.Pack(planned.Plan, request.Path, path, status, cancellation, conversions.Add, parsed.GetValue(nonFinite));
                status.Clear();
                ConversionReport.Write(conversions);
                Console.Out.WriteLine(written
                    ? $"{path}: {new FileInfo(path).Length:N0} bytes in {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s, plan {planned.Hash}"
                    : $"{path}: already packed for plan {planned.Hash}");
                return 0;
            },
            cancellation));
        return command;
    }
}
