using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Inspection;
using KernelForge.Compilation;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Description;
using KernelForge.Formats.Safetensors;
using KernelForge.Plans;
using Spectre.Console;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge inspect</c>: what a model is and how it would be computed here; makes every check that loading makes.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var passes = new Option<bool>("--passes") { Description = "Print graph and plan after each pass." };
        var plan = new Option<bool>("--plan") { Description = "Print the whole plan: steps, tensors, buffers." };
        var command = new Command("inspect", "Shows architecture, tensors and plan of a model, and checks all of the file.");
        var arguments = new ModelArguments(command);
        command.Add(passes);
        command.Add(plan);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var request = arguments.Read(parsed);
                if (Path.GetExtension(request.Path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
                    ShowTensors(request.Path);
                else
                    Inspect(request, parsed.GetValue(passes), parsed.GetValue(plan), cancellation);
                return 0;
            },
            cancellation));
        return command;
    }

    private static void Inspect(ModelRequest request, bool passes, bool wholePlan, CancellationToken cancellation)
    {
        var planned = ModelPlanner.Plan(request, passes ? ShowPass : null);
        var conversions = Check(request, planned, cancellation);

        var console = Consoles.Output();
        ModelReport.Write(console, planned);
        PlanReport.Write(console, planned.Plan, planned.Hash);
        ConversionReport.Write(conversions);
        if (wholePlan)
            Console.Out.WriteLine(PlanPrinter.Print(planned.Plan));
        foreach (var problem in planned.Result.Problems)
            Console.Error.WriteLine($"warning: {ModelPlanner.Text([problem])}");
    }

    // What loading would find out later: tokenizer, chat template, weights, and what is lost where these are converted.
    private static IReadOnlyList<TypeConversion> Check(ModelRequest request, PlannedModel planned, CancellationToken cancellation)
    {
        using var model = ModelFile.Open(request.Path);
        var tokenizer = model.Tokenizer();
        if (model.Gguf is { } file)
        {
            if (file.Find(TemplateCheck.Key) is { } template)
                TemplateCheck.Check(request.Path, template.Text(), planned.Manifest);
            WeightCheck.Check(file, cancellation);
        }

        if (tokenizer is null)
            Console.Error.WriteLine($"warning: {request.Path} has no tokenizer: the model works on token ids only.");
        return ConversionError.OfPlan(model.Weights, planned.Plan, cancellation);
    }

    private static void ShowPass(PassTrace trace) =>
        Console.Out.WriteLine($"== {trace.Pass}: {trace.Purpose}{Environment.NewLine}{trace.Text}");

    private static void ShowTensors(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var table = new Table().AddColumns("tensor", "type", "shape", "bytes");
        foreach (var tensor in file.Tensors)
            table.AddRow(Markup.Escape(Consoles.Printable(tensor.Name)), tensor.Type, string.Join(" x ", tensor.Shape), $"{tensor.Length:N0}");
        Consoles.Output().Write(table);
    }
}
