using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Output;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge logits</c>: what a model computes for some tokens, by the generated code or by the reference interpreter.</summary>
internal static class LogitsCommand
{
    public static Command Create()
    {
        var ids = TokenIds.Create(required: false);
        var output = new Option<string>("--out") { Description = "The safetensors file: tensor 'logits' [tokens, vocabulary], F32; of an encoder 'last_hidden_state' [tokens, width], and 'pooler_output' [width] where it has a pooler.", Required = true };
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
                var tokens = parsed.GetValue(ids) is { } text ? TokenIds.Parse(text) : [];
                var request = arguments.Read(parsed);
                var path = OutputPath.ForFile(parsed.GetRequiredValue(output), "--out", request.Path);
                if (inputs.AreGiven(parsed) && !parsed.GetValue(reference))
                    inputs.Read(parsed, ModelPlanner.Graph(request));
                SafetensorsWriter.Write(path, parsed.GetValue(reference) ? Interpret(ReferenceModel.Open(request, graph => inputs.Read(parsed, graph)), tokens) : Compute(request, tokens, cancellation));
                return 0;
            },
            cancellation));
        return command;
    }

    private static IReadOnlyList<(string Name, long[] Shape, float[] Values)> Compute(ModelRequest request, int[] tokens, CancellationToken cancellation)
    {
        if (tokens.Length == 0)
            throw new UserException("Give the tokens with --ids, for example --ids 5,6,7.");
        using var model = ModelLoader.Load(request, ModelPlanner.Plan(request), cancellation);
        if (model is EmbeddingModel encoder)
            return Encode(encoder, tokens);
        var decoder = (LanguageModel)model;
        using var session = decoder.CreateSession();
        var logits = new float[tokens.Length * decoder.Vocabulary];
        session.Score(tokens, logits, cancellation);
        return [("logits", [tokens.Length, decoder.Vocabulary], logits)];
    }

    private static List<(string Name, long[] Shape, float[] Values)> Encode(EmbeddingModel model, int[] tokens)
    {
        var encoded = model.Encode(tokens);
        var tensors = new List<(string Name, long[] Shape, float[] Values)> { (EmbeddingModel.State, [tokens.Length, encoded.Width], encoded.States.ToArray()) };
        if (model.HasPooler)
            tensors.Add((EmbeddingModel.Pooler, [encoded.Pooled.Length], encoded.Pooled.ToArray()));
        return tensors;
    }

    private static IReadOnlyList<(string Name, long[] Shape, float[] Values)> Interpret(ReferenceModel reference, int[] tokens)
    {
        using var model = reference;
        if (!model.IsEncoder)
            return [("logits", [tokens.Length, model.Vocabulary], Flat(model.Logits(tokens).Select(row => row[..model.Vocabulary])))];
        return [.. model.Encode(tokens).Select(output => (
            output.Key, output.Key == EmbeddingModel.Pooler ? new long[] { output.Value[0].Length } : [output.Value.Length, output.Value[0].Length], Flat(output.Value)))];
    }

    private static float[] Flat(IEnumerable<double[]> rows) => [.. rows.SelectMany(row => row.Select(value => (float)value))];
}
