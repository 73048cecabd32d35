using System.Diagnostics;
using KernelForge.Terminal;

namespace KernelForge.Chat;

/// <summary>Asks once or in turns, and streams the answers to standard output.</summary>
internal sealed class ChatLoop(LanguageModel model, Conversation conversation, SamplingOptions sampling, bool stats, long start) : IDisposable
{
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly AnswerInterrupt _interrupt = new();
    private TimeSpan? _startToFirstText;

    /// <summary>Answers one prompt.</summary>
    public int RunOnce(string prompt)
    {
        try
        {
            if (Answer(prompt))
                return ExitCodes.Interrupted;
        }
        catch (ContextFullException full)
        {
            ErrorOutput.Write($"The prompt is too long: it has {full.Requested} tokens and the context holds {full.Capacity}. Shorten it{MoreContext}.");
            return ExitCodes.Failure;
        }
        catch (SessionMemoryException memory)
        {
            ErrorOutput.Write(OutOf(memory));
            return ExitCodes.Failure;
        }
        if (conversation.Stats.Finish != FinishReason.ContextFull)
            return 0;
        ErrorOutput.Write($"The context of {model.Context} tokens is full; the answer ends here{MoreContext}.");
        return ExitCodes.Failure;
    }

    /// <summary>Answers line by line until the input ends. On a pipe a failed turn shows in the exit code.</summary>
    public int RunInteractive()
    {
        var terminal = !Console.IsInputRedirected;
        var lines = new InputLines(Console.OpenStandardInput());
        var code = 0;
        var asked = false;
        while (true)
        {
            if (terminal)
                Console.Error.Write("> ");
            var line = lines.Next()?.Trim();
            if (line is null || Is(line, "/exit"))
                break;
            _interrupt.GoOn();
            if (line.Length == 0)
                continue;
            asked = true;
            if (Is(line, "/reset"))
                conversation.Reset();
            else if (Is(line, "/help"))
                Console.Error.WriteLine(Commands);
            else if (LooksLikeCommand(line))
                code = RefuseCommand(line);
            else if (!TakeTurn(line))
                code = ExitCodes.Failure;
        }
        if (terminal)
            return 0;
        if (!asked)
        {
            ErrorOutput.Write("Standard input holds no prompt.");
            return ExitCodes.Failure;
        }
        return code;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _output.Dispose();
    }

    private const string Commands = "There are /reset (start over), /help and /exit, each alone on its line; Ctrl-C stops an answer.";

    /// <summary>What may help besides, where the model has a longer context than was asked for.</summary>
    private string MoreContext => model.Context < model.LongestContext ? ", or allow more with --context" : "";

    private static string OutOf(SessionMemoryException memory) => $"The conversation takes {memory.Used:N0} bytes, needs {memory.Requested:N0} more, and --memory allows {memory.Limit:N0}.";

    /// <summary>A slash and a word; a path has more slashes.</summary>
    private static bool LooksLikeCommand(string line) => line.Split(' ')[0] is ['/', _, ..] word && word[1..].All(char.IsAsciiLetter);

    private static bool Is(string line, string command) => string.Equals(line, command, StringComparison.OrdinalIgnoreCase);

    private static int RefuseCommand(string line)
    {
        ErrorOutput.Write($"'{line}' is no command. {Commands}");
        return ExitCodes.Failure;
    }

    private bool TakeTurn(string message)
    {
        try
        {
            Answer(message);
        }
        catch (ContextFullException full)
        {
            ErrorOutput.Write(full.Requested > full.Capacity
                ? $"The message is too long: it needs {full.Requested} tokens and the context holds {full.Capacity}. Shorten it{MoreContext}."
                : $"The context is full: {full.Used} of {full.Capacity} tokens are used and the message needs {full.Requested}. /reset starts a new conversation.");
            return false;
        }
        catch (SessionMemoryException memory)
        {
            ErrorOutput.Write($"{OutOf(memory)} /reset starts a new conversation.");
            return false;
        }
        if (conversation.Stats.Finish != FinishReason.ContextFull)
            return true;
        ErrorOutput.Write($"The context of {model.Context} tokens is full; the answer ends here. /reset starts a new conversation.");
        return false;
    }

    private bool Answer(string message)
    {
        var interrupted = _interrupt.Run(cancellation => conversation.Send(message, Write, sampling, cancellation));
        _output.Write("\n"u8);
        _output.Flush();
        if (stats)
            StatsReport.Write(model, conversation, _startToFirstText);
        return interrupted;
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        _startToFirstText ??= Stopwatch.GetElapsedTime(start);
        Printable.Write(_output, text);
        _output.Flush();
    }
}
