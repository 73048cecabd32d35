using System.CommandLine;
using System.Text;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Inspection;
using KernelForge.Options;
using KernelForge.Terminal;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge run</c>: answers a prompt, streaming.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var prompt = new Option<string?>("--prompt", "-p") { Description = "The same, also where it begins with a dash." };
        var words = new Argument<string?>("PROMPT") { Description = "The prompt; without one, standard input.", Arity = ArgumentArity.ZeroOrOne };
        words.Validators.Add(result =>
        {
            // A mistyped option is no prompt.
            foreach (var token in result.Tokens.Where(token => token.Value is ['-', _, ..]))
                result.AddError(OptionMessages.Unknown(token.Value, "kforge run"));
        });
        var raw = new Option<bool>("--raw") { Description = "Continue the text itself, without the chat template." };
        var greedy = new Option<bool>("--greedy") { Description = "Always the best token: the default, and what --temperature 0 says." };
        var system = new Option<string?>("--system") { Description = "The system's message." };
        var stats = new Option<bool>("--stats") { Description = "Print what the answer took, on standard error." };
        var expertStats = new Option<bool>("--expert-stats") { Description = "Print how many tokens each expert of each layer was chosen for, on standard error." };
        var command = new Command("run", "Answers a prompt.");
        var arguments = new ModelArguments(command);
        var sampling = new SamplingArguments(command, maxTokens: 512);
        command.Add(words);
        command.Add(greedy);
        command.Add(prompt);
        command.Add(raw);
        command.Add(system);
        command.Add(stats);
        command.Add(expertStats);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var options = sampling.Read(parsed);
                if (parsed.GetValue(greedy) && options.Temperature > 0)
                    throw new UserException("--greedy and --temperature contradict each other. Give one of them.");
                if (parsed.GetValue(words) is not null && parsed.GetValue(prompt) is not null)
                    throw new UserException("There are two prompts. Give one: as it is, or with -p.");
                var text = parsed.GetValue(words) ?? parsed.GetValue(prompt) ?? ReadStandardInput();
                if (text.Length == 0)
                    throw new UserException("The prompt is empty. Give one behind the model.");
                using var model = ModelLoader.Load(arguments.Read(parsed) with { CountsExperts = parsed.GetValue(expertStats) }, cancellation);
                if (parsed.GetValue(expertStats) && model.ExpertCounts().Count == 0)
                    throw new UserException("--expert-stats: this model has no mixture of experts. Leave it out.");
                using var output = Console.OpenStandardOutput();
                var taken = parsed.GetValue(raw) ? Complete(model, text, options, output, cancellation) : Chat(model, text, parsed.GetValue(system), options, output, cancellation);
                output.Write("\n"u8);
                if (parsed.GetValue(stats))
                    Console.Error.WriteLine($"first token after {taken.TimeToFirstToken.TotalMilliseconds:F0} ms; prefill {taken.PrefillTokensPerSecond:F0} tokens/s ({taken.PrefilledTokens}), decode {taken.DecodeTokensPerSecond:F0} tokens/s ({taken.GeneratedTokens})");
                if (parsed.GetValue(expertStats))
                    ExpertReport.Write(model.ExpertCounts(), Console.Error);
                return 0;
            },
            cancellation));
        return command;
    }

    private static GenerationStats Chat(LanguageModel model, string text, string? system, SamplingOptions options, Stream output, CancellationToken cancellation)
    {
        using var chat = model.CreateChat(system);
        return chat.Send(text, piece => Printable.Write(output, piece), options, cancellation);
    }

    private static GenerationStats Complete(LanguageModel model, string text, SamplingOptions options, Stream output, CancellationToken cancellation)
    {
        using var session = model.CreateSession();
        return new TextGenerator(session, options).Run(model.Tokenizer.Encode(text, addSpecial: true), piece => Printable.Write(output, piece), cancellation);
    }

    private static string ReadStandardInput()
    {
        if (!Console.IsInputRedirected)
            throw new UserException("There is no prompt. Give one behind the model, or on standard input.");
        using var reader = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        try
        {
            return reader.ReadToEnd().TrimEnd('\r', '\n');
        }
        catch (DecoderFallbackException)
        {
            throw new UserException("Standard input is not valid UTF-8.");
        }
    }
}
