using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Output;
using KernelForge.Options;
using KernelForge.Runtime;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge emit</c>: the generated C#, for reading.</summary>
internal static class EmitCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--output", "-o") { Description = "Folder for the C# files.", Required = true };
        var className = new Option<string>("--class") { Description = "Full name of the class.", DefaultValueFactory = _ => "Model" };
        var instructionSets = new Option<string[]>("--instruction-set")
        {
            Description = "Only these; all by default.",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("emit", "Writes the C# that a model compiles to.");
        var arguments = new ModelArguments(command);
        OptionMessages.AcceptOnly(instructionSets, Enum.GetNames<SimdKind>());
        command.Add(output);
        command.Add(className);
        command.Add(instructionSets);
        command.SetAction(parsed =>
        {
            var request = arguments.Read(parsed);
            var compilation = ModelLoader.Generate(request, ModelPlanner.Plan(request), parsed.GetValue(instructionSets) ?? [], parsed.GetRequiredValue(className));
            var folder = OutputPath.ForFolder(parsed.GetRequiredValue(output), "--output");
            foreach (var source in compilation.Sources)
            {
                OutputPath.WriteText(Path.Combine(folder, source.HintName), source.Text);
                Console.Out.WriteLine($"{source.HintName}: {source.Text.Count(c => c == '\n'):N0} lines");
            }
            return 0;
        });
        return command;
    }
}
