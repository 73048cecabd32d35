using System.CommandLine;
using System.Globalization;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Output;
using KernelForge.Formats.Safetensors;
using KernelForge.Options;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge embed</c>: the vectors of texts, by an encoder.</summary>
internal static class EmbedCommand
{
    public static Command Create()
    {
        var texts = new Argument<string[]>("TEXT") { Description = "The texts.", Arity = ArgumentArity.ZeroOrMore };
        var ids = TokenIds.Create(required: false);
        var file = new Option<string>("--file") { Description = "A text file, UTF-8: every line that is not empty is a text." };
        var pooling = new Option<string>("--pooling")
        {
            Description = "default (as the model's files say; else its pooler where it has one, otherwise the mean), pooler, mean, first or last token.", DefaultValueFactory = _ => "default",
        };
        var normalize = new Option<bool?>("--normalize") { Description = "Give each vector the length 1, or with false leave it as it is. Default: as the model's files say." };
        var json = new Option<bool>("--json") { Description = "One JSON object: {\"embeddings\":[[...]],\"tokens\":[...]}." };
        var output = new Option<string>("--out") { Description = "A safetensors file instead of text: tensor 'embeddings' [texts, width], F32." };
        var command = new Command("embed", "Turns texts into vectors, with an encoder.");
        var arguments = new ModelArguments(command, hasCache: false);
        OptionMessages.AcceptOnly(pooling, "default", "pooler", "mean", "first", "last");
        command.Add(texts);
        foreach (var option in new Option[] { ids, file, pooling, normalize, json, output })
            command.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var input = Input(parsed.GetValue(texts) ?? [], parsed.GetValue(ids), parsed.GetValue(file));
                var options = new EmbeddingOptions { Pooling = Enum.Parse<Pooling>(parsed.GetValue(pooling)!, ignoreCase: true), Normalize = parsed.GetValue(normalize) };
                var request = arguments.Read(parsed);
                var path = parsed.GetValue(output) is { } place ? OutputPath.ForFile(place, "--out", request.Path) : null;
                if (path is not null && parsed.GetValue(json))
                    throw new UserException("--json and --out contradict each other. Give one of them.");
                using var model = ModelLoader.LoadEncoder(request, cancellation);
                if (options.Pooling == Pooling.Pooler && !model.HasPooler)
                    throw new UserException($"{request.Path}: the model has no pooler. Use --pooling mean, first or last.");
                var tokens = input(model);
                var vectors = model.EmbedTokens(tokens, options, cancellation);
                if (path is not null)
                    SafetensorsWriter.Write(path, ("embeddings", [vectors.Length, vectors[0].Length], [.. vectors.SelectMany(vector => vector)]));
                else if (parsed.GetValue(json))
                    JsonResults.Print(new TextVectors(vectors, Array.ConvertAll(tokens, text => text.Length)), JsonResults.Default.TextVectors);
                else
                    Print(vectors);
                return 0;
            },
            cancellation));
        return command;
    }

    /// <summary>The token ids of what is asked for, once the model is there.</summary>
    private static Func<EmbeddingModel, int[][]> Input(string[] texts, string? ids, string? file)
    {
        if ((texts.Length > 0 ? 1 : 0) + (ids is null ? 0 : 1) + (file is null ? 0 : 1) != 1)
            throw new UserException("Give texts after the model, or --ids, or --file: one of the three.");
        if (ids is not null)
        {
            int[][] tokens = [TokenIds.Parse(ids)];
            return _ => tokens;
        }

        if (file is not null)
        {
            texts = [.. TextFile.Read(file, "--file").Split('\n').Select(line => line.TrimEnd('\r')).Where(line => !string.IsNullOrWhiteSpace(line))];
            if (texts.Length == 0)
                throw new UserException($"--file '{file}' has no text: every line is empty.");
        }

        return model => Array.ConvertAll(texts, text => model.Tokenizer.Encode(text, addSpecial: true));
    }

    private static void Print(float[][] vectors)
    {
        foreach (var vector in vectors)
            Console.Out.WriteLine(string.Join(' ', vector.Select(x => x.ToString(CultureInfo.InvariantCulture))));
    }
}
