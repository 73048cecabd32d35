using System.CommandLine;
using KernelForge.Cli.Output;
using KernelForge.Formats.Description;
using KernelForge.Manifests;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge describe</c>: the manifest that the generator reads.</summary>
internal static class DescribeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model: a .gguf file, or a folder with config.json and safetensors." };
        var output = new Option<string?>("--output", "-o") { Description = "The manifest; without it, standard output." };
        var command = new Command("describe", "Writes the manifest of a model: everything but weights and vocabulary.") { model, output };
        command.SetAction(parsed =>
        {
            var source = parsed.GetRequiredValue(model);
            using var file = ModelFile.Open(source);

            // The manifest holds no vocabulary, but one that cannot be packed describes no model that can be built.
            file.Tokenizer();
            var text = ManifestText.Write(file.Describe());
            if (parsed.GetValue(output) is { } path)
                OutputPath.WriteText(OutputPath.ForFile(path, "--output", source), text);
            else
                Console.Out.Write(text);
            return 0;
        });
        return command;
    }
}
