using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Output;
using KernelForge.Formats.Safetensors;
using KernelForge.Reference;
using KernelForge.Reference.Weights;

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
        command.Add(ids);
        command.Add(output);
        command.Add(reference);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var tokens = TokenIds.Parse(parsed.GetRequiredValue(ids));
                var request = arguments.Read(parsed);
                var path = OutputPath.ForFile(parsed.GetRequiredValue(output), "--out", request.Path);
                var (vocabulary, logits) = parsed.GetValue(reference) ? Interpret(request, tokens) : Compute(request, tokens, cancellation);
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

    private static (int Vocabulary, float[] Logits) Interpret(ModelRequest request, int[] tokens)
    {
        var graph = ModelPlanner.Graph(request);
        if (graph.Outputs.Count > 0)
            throw new UserException($"{request.Path}: {graph.Architecture} is an encoder, which has no logits.");
        foreach (var token in tokens)
        {
            if (token >= graph.Vocabulary)
                throw new UserException($"Token {token} is not in the vocabulary: ids go from 0 to {graph.Vocabulary - 1}.");
        }
        if (tokens.Length > graph.Context)
            throw new UserException($"{tokens.Length} tokens do not fit the model's context of {graph.Context}.");
        using var source = ModelSource.Open(request.Path);
        var rows = new FloatInterpreter(graph, source.Values).Forward(tokens);
        return (graph.Vocabulary, [.. rows.SelectMany(row => row.Take(graph.Vocabulary).Select(value => (float)value))]);
    }
}
