namespace KernelForge.Chat.Tests;

/// <summary>Ctrl-C stops an answer, not the program; where no answer is given, the second in turn ends it.</summary>
public sealed class InterruptTests
{
    private const int EndedBySignal = 130;

    [SkippableFact]
    public void An_answer_is_stopped_and_the_chat_goes_on()
    {
        RequireSignals();
        using var program = ChatProgram.Start("--stats");
        program.Write("Write a very long story about a dragon and a knight.\n");
        program.WaitUntil(chat => chat.Output.Length > 20);
        program.Interrupt();
        program.WaitUntil(chat => chat.Error.Contains("ended by"));
        program.Error.ShouldContain("Cancelled");

        program.Write("/reset\nWhat is the capital of France?\n/exit\n");
        program.End().ShouldSucceed().Output.ShouldContain("The capital of France is Paris.");
    }

    [SkippableFact]
    public void A_single_answer_that_is_stopped_ends_the_program_as_interrupted()
    {
        RequireSignals();
        using var program = ChatProgram.Start("Write a very long story about a dragon and a knight.");
        program.WaitUntil(chat => chat.Output.Length > 20);
        program.Interrupt();
        var result = program.End();
        result.Code.ShouldBe(EndedBySignal);
        result.Output.ShouldEndWith("\n");
    }

    [SkippableFact]
    public void Where_nothing_is_answered_the_first_says_how_to_leave_and_the_second_in_turn_leaves()
    {
        RequireSignals();
        using var program = ChatProgram.Start("--max-tokens", "2");
        Answer(program, "Say A.", lines: 1);
        InterruptPrompt(program, hints: 1);

        // A line between the two: the next is a first one again.
        Answer(program, "Say B.", lines: 2);
        InterruptPrompt(program, hints: 2);
        program.Interrupt();
        program.End().Code.ShouldBe(EndedBySignal);
    }

    private static void Answer(ChatProgram program, string line, int lines)
    {
        program.Write(line + "\n");
        program.WaitUntil(chat => chat.Output.Count(letter => letter == '\n') >= lines);
    }

    private static void InterruptPrompt(ChatProgram program, int hints)
    {
        program.Interrupt();
        program.WaitUntil(chat => chat.Error.Split("Ctrl-C again").Length - 1 >= hints);
    }

    private static void RequireSignals()
    {
        Skip.If(OperatingSystem.IsWindows(), "Signals are sent by kill(2), which Windows lacks.");

        // A shell without job control starts what runs in its background deaf to Ctrl-C, and children inherit that.
        var ignored = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..] : "0";
        Skip.If((Convert.ToUInt64(ignored.Trim(), 16) & 2) != 0, "This test run was started with SIGINT ignored.");
    }
}
