using System.CommandLine;
using System.CommandLine.Parsing;
using KernelForge.Options;

namespace KernelForge.Chat;

/// <summary>The command line: what may be written, and what it means for model and sampling.</summary>
internal static class ChatCommand
{
    private static readonly Argument<string?> Prompt = new("prompt")
    {
        Description = "What to ask. Without it (and without --file) a chat of several turns begins.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<int> Context = NumberOption.Create(0, "Tokens that a conversation may have; 0: as many as the model can.", "--context", "-c");
    private static readonly Option<string> KeyValues = new("--kv") { Description = "How keys and values are cached: f16, int8 or f32." };
    private static readonly Option<int> Threads = NumberOption.Create(0, "Threads; 0: one for each physical core.", "--threads", "-t");
    private static readonly Option<bool> Pin = new("--pin") { Description = "Keep each thread on a core of its own (Linux)." };
    private static readonly Option<string?> System = new("--system") { Description = "What the model is told before the first message." };
    private static readonly Option<string?> File = new("--file") { Description = "A text file that is the prompt, or follows it." };
    private static readonly Option<bool> Stats = new("--stats") { Description = "Print times, rates and the share of the memory roof to standard error." };

    /// <summary>Parses and runs; every error is a line on standard error and an exit code that is not zero.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="start">Time stamp of the program's start.</param>
    /// <param name="load">Loads the model.</param>
    public static int Run(string[] args, long start, Func<ModelOptions, LanguageModel> load)
    {
        OptionMessages.AcceptOnly(KeyValues, "f16", "int8", "f32");
        Prompt.Validators.Add(RefuseUnknownOption);
        var root = new RootCommand("Chat with SmolLM2-135M-Instruct, compiled into this program by KernelForge. In a chat, /reset starts again and /exit ends it.")
        {
            Prompt, Context, KeyValues, Threads, Pin, System, File, Stats,
        };
        var sampling = new SamplingArguments(root, maxTokens: 0);
        var safety = new SafetyArguments(root);
        root.SetAction(result => Execute(result, sampling, safety, start, load));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        foreach (var error in parsed.Errors)
            ErrorOutput.Write(error.Message);
        if (parsed.UnmatchedTokens.Count > 0)
            ErrorOutput.Write("A prompt of several words is one argument: put it in quotes.");
        return ExitCodes.Usage;
    }

    private static int Execute(ParseResult result, SamplingArguments sampling, SafetyArguments safety, long start, Func<ModelOptions, LanguageModel> load)
    {
        try
        {
            var options = sampling.Read(result);
            var prompt = PromptText.Combine(result.GetValue(Prompt), result.GetValue(File));
            using var model = load(safety.Read(result) with
            {
                Context = result.GetValue(Context),
                Threads = result.GetValue(Threads),
                PinThreads = result.GetValue(Pin),
                Cache = Format(result.GetValue(KeyValues)),
            });
            using var conversation = model.CreateChat(result.GetValue(System));
            using var chat = new ChatLoop(model, conversation, options, result.GetValue(Stats), start);
            return prompt is null ? chat.RunInteractive() : chat.RunOnce(prompt);
        }
        catch (ArgumentException error)
        {
            ErrorOutput.Write(OptionMessages.Of(error));
            return ExitCodes.Usage;
        }
        catch (Exception error) when (error is PackedFileException or SessionMemoryException or NonFiniteLogitsException or PlatformNotSupportedException or IOException
            or InvalidDataException or UnauthorizedAccessException or Text.ChatTemplateException)
        {
            ErrorOutput.Write(error.Message);
            return ExitCodes.Failure;
        }
    }

    private static KeyValueFormat? Format(string? name) => name switch
    {
        "f16" => KeyValueFormat.F16,
        "int8" => KeyValueFormat.Int8,
        "f32" => KeyValueFormat.F32,
        _ => null,
    };

    /// <summary>What looks like an option but is none would otherwise become the prompt.</summary>
    private static void RefuseUnknownOption(ArgumentResult argument)
    {
        foreach (var token in argument.Tokens)
        {
            if (token.Value.StartsWith('-') && token.Value.Length > 1 && !Environment.GetCommandLineArgs().Contains("--"))
                argument.AddError($"{OptionMessages.Unknown(token.Value, RootCommand.ExecutableName)} Write -- before a prompt that begins with a dash.");
        }
    }
}
