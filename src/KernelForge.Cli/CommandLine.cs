using System.CommandLine;
using KernelForge.Cli.Commands;
using KernelForge.Options;
using KernelForge.Text;

namespace KernelForge.Cli;

/// <summary>The commands of kforge, and what becomes of their errors: one message on standard error, never a stack trace.</summary>
internal static class CommandLine
{
    private const int Cancelled = 130;
    private const int Failed = 1;
    private const int Usage = 2;

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code: 0, 1 for an error, 2 for a command line that means nothing, 130 when interrupted.</returns>
    public static int Run(string[] args)
    {
        try
        {
            var parsed = Create().Parse(args);
            return parsed.Errors.Count == 0 || args.Length == 0
                ? parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
                : Refuse(parsed);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted", Cancelled);
        }
        catch (Exception error) when (Explain(error) is not null)
        {
            return Fail(Explain(error)!, Failed);
        }
        catch (Exception error)
        {
            return Fail($"unexpected {error.GetType().Name}: {error.Message} This is a defect of kforge: please report it with the command line.", Failed);
        }
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("Compiles transformer models to C# and runs, inspects and measures them.");
        root.Add(InspectCommand.Create());
        root.Add(EmitCommand.Create());
        root.Add(DescribeCommand.Create());
        root.Add(PackCommand.Create());
        root.Add(VerifyCommand.Create());
        root.Add(QuantizeCommand.Create());
        root.Add(RunCommand.Create());
        root.Add(LogitsCommand.Create());
        root.Add(GenerateCommand.Create());
        root.Add(EmbedCommand.Create());
        root.Add(TokenizeCommand.Create());
        root.Add(EvalCommand.Create());
        root.Add(BenchCommand.Create());
        return root;
    }

    // Null: not an error that a person can cause.
    private static string? Explain(Exception error) => error switch
    {
        ContextFullException full => $"The context is full: {full.Used} of {full.Capacity} tokens are used and {full.Requested} more were asked for. Give less, or allow more with --context where the model has more.",
        SessionMemoryException memory => $"The sessions take {memory.Used:N0} bytes, {memory.Requested:N0} more were asked for and --memory allows {memory.Limit:N0}. Allow more, or give a smaller --context.",
        UserException or NonFiniteLogitsException or ModelFormatException or PackedFileException or ChatTemplateException
            or IOException or UnauthorizedAccessException or PlatformNotSupportedException => error.Message,
        ArgumentException argument => OptionMessages.Of(argument),
        _ => null,
    };

    // One error is enough: the others often follow from it.
    private static int Refuse(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command is RootCommand ? "kforge" : $"kforge {parsed.CommandResult.Command.Name}";
        return Fail(
            parsed.UnmatchedTokens.Count > 0
                ? OptionMessages.Unknown(parsed.UnmatchedTokens[0], command)
                : $"{parsed.Errors[0].Message.ReplaceLineEndings(" ")} {OptionMessages.Help(command)}",
            Usage);
    }

    private static int Fail(string message, int code)
    {
        Console.Error.WriteLine($"kforge: {message}");
        return code;
    }
}
