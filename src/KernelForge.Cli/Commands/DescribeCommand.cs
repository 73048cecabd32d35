using System.CommandLine;
using KernelForge.Formats.Description;
using KernelForge.Manifests;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge describe</c>: the manifest that the generator reads.</summary>
internal static class DescribeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model file (.gguf)." };
        var output = new Option<string?>("--output", "-o") { Description = "The manifest; without it, standard output." };
        var command = new Command("describe", "Writes the manifest of a model: everything but weights and vocabulary.") { model, output };
        command.SetAction(parsed =>
        {
            var text = ManifestText.Write(Describer.Describe(parsed.GetRequiredValue(model)));
            if (parsed.GetValue(output) is { } path)
                File.WriteAllText(path, text);
            else
                Console.Out.Write(text);
            return 0;
        });
        return command;
    }
}
