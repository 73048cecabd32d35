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
        var ids = TokenIds.Create(required: false);
        var output = new Option<string>("--out") { Description = "The safetensors file: tensor 'logits' [tokens, vocabulary], F32; of an encoder 'last_hidden_state' [tokens, width], and 'pooler_output' [width] where it has a pooler, of several images [images, width].", Required = true };
        var reference = new Option<bool>("--reference") { Description = "By the float interpreter of the graph instead of the generated code." };
        var command = new Command("logits", "Writes the logits after each of some tokens, or the states of an encoder.");
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
                SafetensorsWriter.Write(path, parsed.GetValue(reference)
                    ? Interpret(ReferenceModel.Open(request, graph => inputs.Read(parsed, graph)), tokens)
                    : Compute(request, tokens, graph => inputs.Read(parsed, graph), cancellation));
                return 0;
            },
            cancellation));
        return command;
    }

    private static IReadOnlyList<(string Name, long[] Shape, float[] Values)> Compute(
        ModelRequest request, int[] tokens, Func<ModelGraph, ModelInputs> inputs, CancellationToken cancellation)
    {
        var graph = ModelPlanner.Graph(request);
        var given = inputs(graph);
        TokenIds.Require(tokens, graph);
        using var model = ModelLoader.Load(request, ModelPlanner.Plan(request), cancellation);
        if (model is EmbeddingModel encoder)
            return Encode(encoder, tokens);
        if (model is VisionModel vision)
            return Encode(vision, given.Numbers(graph.Input));
        var decoder = (LanguageModel)model;
        using var session = InputArguments.Session(decoder, graph, given);
        var logits = new float[tokens.Length * decoder.Vocabulary];
        session.Score(tokens, logits, cancellation);
        return [("logits", [tokens.Length, decoder.Vocabulary], logits)];
    }

    private static List<(string Name, long[] Shape, float[] Values)> Encode(EmbeddingModel model, int[] tokens)
    {
        var encoded = model.Encode(tokens);
        var tensors = new List<(string Name, long[] Shape, float[] Values)> { (EncoderModel.State, [tokens.Length, encoded.Width], encoded.States.ToArray()) };
        if (model.HasPooler)
            tensors.Add((EncoderModel.Pooler, [encoded.Pooled.Length], encoded.Pooled.ToArray()));
        return tensors;
    }

    private static List<(string Name, long[] Shape, float[] Values)> Encode(VisionModel model, GivenNumbers pixels)
    {
        var encoded = model.Encode(pixels.Values, (int)pixels.Shape[0], (int)pixels.Shape[2], (int)pixels.Shape[3]);
        var tensors = new List<(string Name, long[] Shape, float[] Values)>
        {
            (EncoderModel.State, [encoded.Length * model.Patches, model.Width], [.. encoded.SelectMany(image => image.States.ToArray())]),
        };
        if (model.HasPooler)
            tensors.Add(Pooled([.. encoded.Select(image => image.Pooled.ToArray())]));
        return tensors;
    }

    /// <summary>[width], of several images [images, width].</summary>
    private static (string Name, long[] Shape, float[] Values) Pooled(float[][] rows) =>
        (EncoderModel.Pooler, rows.Length == 1 ? [rows[0].Length] : [rows.Length, rows[0].Length], [.. rows.SelectMany(row => row)]);

    private static IReadOnlyList<(string Name, long[] Shape, float[] Values)> Interpret(ReferenceModel reference, int[] tokens)
    {
        using var model = reference;
        if (!model.IsEncoder)
            return [("logits", [tokens.Length, model.Vocabulary], Flat(model.Logits(tokens).Select(row => row[..model.Vocabulary])))];
        return [.. model.Encode(tokens).Select(output => output.Key == EncoderModel.Pooler
            ? Pooled(Array.ConvertAll(output.Value, row => Array.ConvertAll(row, x => (float)x)))
            : (output.Key, [output.Value.Length, output.Value[0].Length], Flat(output.Value)))];
    }

    private static float[] Flat(IEnumerable<double[]> rows) => [.. rows.SelectMany(row => row.Select(value => (float)value))];
}
