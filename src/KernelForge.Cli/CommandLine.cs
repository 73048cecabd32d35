using System.CommandLine;
using KernelForge.Cli.Commands;
using KernelForge.Text;

namespace KernelForge.Cli;

/// <summary>The commands of kforge, and what becomes of their errors: one message on standard error, never a stack trace.</summary>
internal static class CommandLine
{
    private const int Cancelled = 130;
    private const int Failed = 1;

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code: 0, 1 for an error, 130 when interrupted.</returns>
    public static int Run(string[] args)
    {
        try
        {
            return Create().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
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
        root.Add(RunCommand.Create());
        root.Add(LogitsCommand.Create());
        root.Add(GenerateCommand.Create());
        root.Add(TokenizeCommand.Create());
        root.Add(EvalCommand.Create());
        root.Add(BenchCommand.Create());
        return root;
    }

    // Null: not an error that a person can cause.
    private static string? Explain(Exception error) => error switch
    {
        UserException or ModelFormatException or PackedFileException or ContextFullException or ChatTemplateException
            or IOException or UnauthorizedAccessException or PlatformNotSupportedException => error.Message,
        ArgumentException argument => WithoutParameter(argument),
        _ => null,
    };

    private static string WithoutParameter(ArgumentException error)
    {
        var end = error.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return end < 0 ? error.Message : error.Message[..end];
    }

    private static int Fail(string message, int code)
    {
        Console.Error.WriteLine($"kforge: {message}");
        return code;
    }
}
