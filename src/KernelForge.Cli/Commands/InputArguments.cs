using System.CommandLine;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Reference;

namespace KernelForge.Cli.Commands;

/// <summary>The options that give a model what it reads besides its own tokens: a text for its encoder, a sound's features, an image's states or pixels.</summary>
internal sealed class InputArguments
{
    private readonly Option<string> _ids = new("--encoder-ids") { Description = "Token ids of the text that the encoder reads, with commas between." };
    private readonly Option<string> _features = new("--features") { Description = "A safetensors file with 'input_features' [1, bands, frames]." };
    private readonly Option<string> _states = new("--vision-states") { Description = "A safetensors file with 'cross_attention_states' [1, states, width]." };
    private readonly Option<string> _pixels = new("--pixels") { Description = "A safetensors file with 'pixel_values' [images, channels, height, width]." };

    /// <summary>Adds the options to a command.</summary>
    public InputArguments(Command command)
    {
        command.Add(_ids);
        command.Add(_features);
        command.Add(_states);
        command.Add(_pixels);
    }

    /// <summary>What the user gave, as a graph reads it.</summary>
    /// <exception cref="UserException">The model reads something that is not given, or does not read what is.</exception>
    /// <exception cref="ModelFormatException">A file is damaged.</exception>
    public ModelInputs Read(ParseResult parsed, ModelGraph graph)
    {
        var result = new ModelInputs();
        var inputs = Enumerable.Range(0, graph.Parts.Count + 1).Select(graph.InputOf).Where((input, part) => part > 0 || input is not GraphInput.Tokens).ToList();
        foreach (var option in new[] { _ids, _features, _states, _pixels })
        {
            if (parsed.GetValue(option) is not { } text)
                continue;
            if (inputs.Find(input => OptionOf(input) == option) is not { } wanted)
                throw new UserException($"{option.Name} is of no use: a model of the architecture {graph.Architecture} does not read it.");
            inputs.Remove(wanted);
            if (wanted is GraphInput.Tokens)
                result.Add(wanted.Name, Ids(text, wanted, graph));
            else
                Add(result, wanted, text, option.Name);
        }

        inputs.RemoveAll(input => Enumerable.Range(1, graph.Parts.Count).Any(part => graph.InputOf(part) == input && graph.IsOptional(part)));
        return inputs is [var missing, ..]
            ? throw new UserException($"A model of the architecture {graph.Architecture} reads {missing.Name} too: give it with {OptionOf(missing).Name}.")
            : result;
    }

    /// <summary>A session that has read what a model reads before it writes.</summary>
    public static Session Session(LanguageModel model, ModelGraph graph, ModelInputs given)
    {
        if (model.LongestInput == 0 || !given.Has(graph.InputOf(1)))
            return model.CreateSession();
        return graph.InputOf(1) switch
        {
            GraphInput.Tokens tokens => model.CreateSession(given.Tokens(tokens)),
            GraphInput.Bands bands => model.CreateSession(given.Numbers(bands).Values, bands.Most),
            var rows => model.CreateSession(given.Numbers(rows).Values),
        };
    }

    private Option<string> OptionOf(GraphInput input) => input switch
    {
        GraphInput.Bands => _features,
        GraphInput.Rows => _states,
        GraphInput.Patches => _pixels,
        _ => _ids,
    };

    private static int[] Ids(string text, GraphInput input, ModelGraph graph)
    {
        var ids = TokenIds.Parse(text, "--encoder-ids");
        TokenIds.Check(ids, graph);
        return ids.Length <= input.Most ? ids : throw new UserException($"{ids.Length} tokens do not fit the encoder, which reads at most {input.Most}.");
    }

    private static void Add(ModelInputs inputs, GraphInput wanted, string path, string option)
    {
        using var file = SafetensorsFile.Open(path);
        var tensor = file.Find(wanted.Name) ?? throw new UserException($"{option}: {path} has no tensor '{wanted.Name}'.");
        if (wanted is GraphInput.Bands && (tensor.Shape.Count == 0 || tensor.Shape[0] != 1))
            throw new UserException($"{option}: {path}: {wanted.Name} has the shape [{string.Join(", ", tensor.Shape)}]; a model hears one sound before it writes: [1, bands, frames].");
        try
        {
            inputs.Add(wanted, [.. tensor.Shape], file.Floats(tensor));
        }
        catch (ArgumentException error)
        {
            throw new UserException($"{option}: {path}: {error.Message}");
        }
    }
}
