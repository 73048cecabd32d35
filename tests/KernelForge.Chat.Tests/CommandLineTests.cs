namespace KernelForge.Chat.Tests;

/// <summary>Command lines that mean nothing: what is wrong, in the option's own name, and exit code 2.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("'--no-such' is not known to KernelForge.Chat", "--no-such")]
    [InlineData("--temperature needs a number, not 'abc'", "--temperature", "abc", "x")]
    [InlineData("--temperature must be", "--temperature", "NaN", "x")]
    [InlineData("--top-p must be", "--top-p", "2", "x")]
    [InlineData("--top-k needs a whole number", "--top-k", "1.5", "x")]
    [InlineData("--max-tokens must be", "--max-tokens", "-1", "x")]
    [InlineData("--threads must be", "--threads", "-1", "x")]
    [InlineData("--context must be from 0 to 8192", "--context", "9000", "x")]
    [InlineData("--kv knows f16, int8 and f32, not 'f8'", "--kv", "f8", "x")]
    [InlineData("--stop must be", "--stop", "", "x")]
    [InlineData("--seed", "--seed")]
    [InlineData("put it in quotes", "two", "words")]
    [InlineData("The prompt is empty", "")]
    [InlineData("The prompt is empty", " \n")]
    public void What_is_wrong_is_said(string message, params string[] arguments) =>
        ChatProgram.Run(arguments).ShouldRefuse(2).ShouldContain(message);

    [Fact]
    public void Zero_threads_are_as_many_as_there_are_cores() => ChatProgram.Run("-t", "0", "-n", "1", "Say A.").ShouldSucceed();

    [Fact]
    public void A_prompt_may_begin_with_a_dash_after_two() => ChatProgram.Run("--max-tokens", "1", "--", "-x is a variable").ShouldSucceed();

    [Fact]
    public void A_prompt_file_that_cannot_be_read_is_named()
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(folder["bad.txt"], [.. "caf"u8, 0xE9]);
        File.WriteAllText(folder["empty.txt"], "\n");

        ChatProgram.Run("--file", folder["none.txt"]).ShouldRefuse(1).ShouldContain("none.txt");
        ChatProgram.Run("--file", folder.Root).ShouldRefuse(1).ShouldContain("folder");
        ChatProgram.Run("--file", folder["bad.txt"]).ShouldRefuse(1).ShouldContain("not valid UTF-8 at byte 3");
        ChatProgram.Run("--file", folder["empty.txt"]).ShouldRefuse(2).ShouldContain("empty");
    }

    [Fact]
    public void Help_lists_every_option()
    {
        var help = ChatProgram.Run("--help").ShouldSucceed().Output;
        foreach (var option in "temperature top-k top-p min-p repeat-penalty seed max-tokens stop context kv threads system file stats".Split(' '))
            help.ShouldContain($"--{option}");
    }
}
