using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Output;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Reference;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge logits</c>: what a model computes for some tokens, by the generated code or by the reference interpreter.</summary>
internal static class LogitsCommand
{
    public static Command Create()
    {
        var ids = TokenIds.Create();
        var output = new Option<string>("--out") { Description = "The safetensors file: tensor 'logits' [tokens, vocabulary], F32.", Required = true };
        var reference = new Option<bool>("--reference") { Description = "By the float interpreter of the graph instead of the generated code." };
        var command = new Command("logits", "Writes the logits after each of some tokens.");
        var arguments = new ModelArguments(command);
        var inputs = new InputArguments(command);
        command.Add(ids);
        command.Add(output);
        command.Add(reference);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var tokens = TokenIds.Parse(parsed.GetRequiredValue(ids));
                var request = arguments.Read(parsed);
                if (inputs.AreGiven(parsed))
                    inputs.Read(parsed, ModelPlanner.Graph(request));
                var path = OutputPath.ForFile(parsed.GetRequiredValue(output), "--out", request.Path);
                var (vocabulary, logits) = parsed.GetValue(reference) ? Interpret(request, tokens, graph => inputs.Read(parsed, graph)) : Compute(request, tokens, cancellation);
                SafetensorsWriter.Write(path, ("logits", [tokens.Length, vocabulary], logits));
                return 0;
            },
            cancellation));
        return command;
    }

    private static (int Vocabulary, float[] Logits) Compute(ModelRequest request, int[] tokens, CancellationToken cancellation)
    {
        using var model = ModelLoader.Load(request, cancellation);
        using var session = model.CreateSession();
        var logits = new float[tokens.Length * model.Vocabulary];
        session.Score(tokens, logits, cancellation);
        return (model.Vocabulary, logits);
    }

    private static (int Vocabulary, float[] Logits) Interpret(ModelRequest request, int[] tokens, Func<ModelGraph, ModelInputs> inputs)
    {
        using var model = ReferenceModel.Open(request, inputs);
        var rows = model.Logits(tokens);
        return (model.Vocabulary, [.. rows.SelectMany(row => row.Take(model.Vocabulary).Select(value => (float)value))]);
    }
}
