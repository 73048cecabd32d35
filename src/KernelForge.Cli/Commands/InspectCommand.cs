using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Inspection;
using KernelForge.Compilation;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Plans;
using Spectre.Console;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge inspect</c>: what a model is and how it would be computed here; makes every check that loading makes.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var passes = new Option<bool>("--passes") { Description = "Print graph and plan after each pass." };
        var plan = new Option<bool>("--plan") { Description = "Print the whole plan: bytes of a session, steps, tensors, buffers." };
        var graph = new Option<bool>("--graph") { Description = "Print the graph as C# that declares it ([TransformerGraph]), and nothing else." };
        var className = new Option<string>("--class") { Description = "With --graph: name of the class.", DefaultValueFactory = _ => "Model" };
        var nonFinite = NonFinite.CreateOption();
        var command = new Command("inspect", "Shows architecture, tensors and plan of a model (.gguf or a folder), or the tensors of a .safetensors file, and checks all of it.");
        var arguments = new ModelArguments(command);
        command.Add(passes);
        command.Add(plan);
        command.Add(graph);
        command.Add(className);
        command.Add(nonFinite);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var request = arguments.Read(parsed);
                if (IsSafetensors(request.Path))
                    ShowTensors(request.Path);
                else if (parsed.GetValue(graph))
                    Console.Out.Write(GraphText.Of(request, parsed.GetRequiredValue(className)));
                else
                    Show(request, ModelCheck.Check(request, parsed.GetValue(nonFinite), parsed.GetValue(passes) ? ShowPass : null, cancellation), parsed.GetValue(plan));
                return 0;
            },
            cancellation));
        return command;
    }

    private static bool IsSafetensors(string path) => Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);

    private static void Show(ModelRequest request, CheckedModel model, bool wholePlan)
    {
        var console = Consoles.Output();
        ModelReport.Write(console, model.Manifest);
        if (model.Plan is { } plan)
        {
            PlanReport.Write(console, plan, Convert.ToHexStringLower(PlanEncoding.Hash(plan)));
            ConversionReport.Write(model.Conversions);
            if (wholePlan)
            {
                SessionReport.Write(console, plan, request.Context);
                Console.Out.WriteLine(PlanPrinter.Print(plan));
            }
        }
        else
        {
            Console.Out.WriteLine(GraphPrinter.Print(model.Graph));
        }

        foreach (var problem in model.Problems)
            Console.Error.WriteLine($"warning: {ModelPlanner.Text([problem])}");
        if (!model.HasTokenizer)
            Console.Error.WriteLine($"warning: {request.Path} has no tokenizer: the model works on token ids only.");
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
