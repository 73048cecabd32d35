using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KernelForge.Chat.Tests;

/// <summary>Without a prompt the program talks in turns, also through a pipe.</summary>
public sealed partial class TurnsTests
{
    [Fact]
    public void Turns_go_on_with_what_was_said_until_reset_and_exit()
    {
        var lines = "What is the capital of France?\n\n   \nAnd what did I ask you?\n/reset\nWhat is the capital of Italy?\n/exit\nnot read\n"u8.ToArray();
        var result = ChatProgram.Run(lines, "--stats", "--max-tokens", "12").ShouldSucceed();

        // Empty lines are no turns, and nothing is after the end.
        result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeGreaterThanOrEqualTo(3);
        var turns = Turn().Matches(result.Error).Select(match => new TurnReport(Number(match, "new"), Number(match, "all"), Number(match, "used"))).ToList();
        turns.Count.ShouldBe(3);

        // The first runs its whole prompt; the second only what the cache does not hold; after a reset the prompt is short again.
        turns[0].New.ShouldBe(turns[0].All);
        turns[1].New.ShouldBe(turns[1].All - turns[0].Used);
        turns[1].New.ShouldBeLessThan(turns[0].New);
        turns[2].All.ShouldBeLessThan(turns[1].All);
        turns[2].Used.ShouldBeLessThan(turns[1].Used);
    }

    [Fact]
    public void A_command_that_there_is_not_is_no_question_and_a_path_is_one()
    {
        var result = ChatProgram.Run("/RESET\n/help\n/foo\n/reset now\n/etc/hosts is what?\n"u8.ToArray(), "--max-tokens", "2");
        var error = result.ShouldRefuse(1);
        error.ShouldContain("'/foo' is no command. There are /reset");
        error.ShouldNotContain("'/RESET'");
        error.ShouldNotContain("'/help'");
        error.ShouldContain("'/reset now' is no command");
        error.ShouldNotContain("/etc");
        result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
    }

    [Fact]
    public void A_full_context_says_so_and_offers_reset_which_helps()
    {
        using var program = ChatProgram.Start("--context", "64", "--max-tokens", "6");
        program.Write("Say A.\nSay B.\nSay C.\n/reset\nSay D.\n");
        var result = program.End();

        result.Code.ShouldBe(1);
        result.Error.ShouldContain("The context is full");
        result.Error.ShouldContain("/reset");
        result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].ShouldContain("D");
    }

    [Fact]
    public void An_answer_that_fills_the_context_ends_there_and_says_so()
    {
        var error = ChatProgram.Run("Write a long story about a dragon.\n"u8.ToArray(), "--context", "48").ShouldRefuse(1);
        error.ShouldContain("context of 48 tokens is full");
        error.ShouldContain("/reset");
    }

    [Fact]
    public void A_prompt_longer_than_the_context_is_refused_with_both_lengths()
    {
        ChatProgram.Run("--context", "10", "What is the capital of France?").ShouldRefuse(1).ShouldContain("the context holds 10");
        ChatProgram.Run("What is the capital of France?\n"u8.ToArray(), "--context", "10").ShouldRefuse(1).ShouldContain("the context holds 10");
    }

    [Fact]
    public void Input_that_is_no_text_is_refused_with_its_place_after_the_lines_before_it()
    {
        var result = ChatProgram.Run([.. "Say A.\nb"u8, 0xFF, .. "c\n"u8], "--max-tokens", "2");
        result.ShouldRefuse(1).ShouldContain("Line 2 of standard input is not valid UTF-8 at byte 1");
        result.Output.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_line_without_an_end_and_one_from_Windows_are_lines()
    {
        var result = ChatProgram.Run([.. Encoding.UTF8.Preamble, .. "What is the capital of France?\r\nAnd of Italy?"u8], "--max-tokens", "16").ShouldSucceed();
        result.Output.ShouldContain("Paris");
        result.Output.ShouldContain("Rome");
    }

    [Fact]
    public void Nothing_on_standard_input_is_an_error() =>
        ChatProgram.Run("\n \n"u8.ToArray()).ShouldRefuse(1).ShouldContain("holds no prompt");

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("""prefill +(?<new>\d+) new of (?<all>\d+) tokens.*?context (?<used>\d+) of""", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Turn();

    private sealed record TurnReport(int New, int All, int Used);
}
