using System.CommandLine;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Output;
using KernelForge.Graphs;
using KernelForge.Options;
using KernelForge.Reference;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge generate</c>: the greedy continuation of some tokens.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var ids = TokenIds.Create();
        var count = NumberOption.Create(16, "Tokens to generate.", "--max-tokens", "-n");
        var stop = new Option<bool>("--stop-at-end") { Description = "Stop after a token that ends an answer." };
        var reference = new Option<bool>("--reference") { Description = "By the float interpreter of the graph instead of the generated code; never stops by itself." };
        var json = new Option<bool>("--json") { Description = "One JSON object: {\"ids\":[...]}." };
        Ranges.Require(count, 1, int.MaxValue);
        var command = new Command("generate", "Continues token ids greedily.");
        var arguments = new ModelArguments(command);
        var inputs = new InputArguments(command);
        command.Add(ids);
        command.Add(count);
        command.Add(stop);
        command.Add(reference);
        command.Add(json);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var prompt = TokenIds.Parse(parsed.GetRequiredValue(ids));
                var request = arguments.Read(parsed);
                var answer = parsed.GetValue(reference)
                    ? Interpret(request, prompt, parsed.GetValue(count), graph => inputs.Read(parsed, graph), cancellation)
                    : Continue(request, prompt, parsed.GetValue(count), parsed.GetValue(stop), graph => inputs.Read(parsed, graph), cancellation);
                if (parsed.GetValue(json))
                    JsonResults.Print(new GeneratedIds(answer), JsonResults.Default.GeneratedIds);
                else
                    Console.Out.WriteLine(string.Join(',', answer));
                return 0;
            },
            cancellation));
        return command;
    }

    private static List<int> Interpret(ModelRequest request, int[] prompt, int count, Func<ModelGraph, ModelInputs> inputs, CancellationToken cancellation)
    {
        using var model = ReferenceModel.Open(request, inputs);
        var tokens = prompt.ToList();
        while (tokens.Count < prompt.Length + count)
        {
            cancellation.ThrowIfCancellationRequested();
            tokens.Add(model.Best(tokens));
        }
        return tokens[prompt.Length..];
    }

    private static List<int> Continue(ModelRequest request, int[] prompt, int count, bool stopAtEnd, Func<ModelGraph, ModelInputs> inputs, CancellationToken cancellation)
    {
        var graph = ModelPlanner.Graph(request);
        var given = inputs(graph);
        using var model = ModelLoader.LoadDecoder(request, ModelPlanner.Plan(request), cancellation, hasInput: true);
        using var session = InputArguments.Session(model, graph, given);
        var answer = new List<int> { session.PrefillGreedy(prompt, cancellation) };
        while (answer.Count < count && !(stopAtEnd && model.Tokenizer.IsEndOfGeneration(answer[^1])))
        {
            cancellation.ThrowIfCancellationRequested();
            answer.Add(session.DecodeGreedy(answer[^1]));
        }
        return answer;
    }
}
