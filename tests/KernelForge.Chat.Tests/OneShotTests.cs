namespace KernelForge.Chat.Tests;

/// <summary>A prompt on the command line is answered once.</summary>
public sealed class OneShotTests
{
    private const string Question = "What is the capital of France?";

    [Fact]
    public void A_prompt_is_answered_and_nothing_else_is_said()
    {
        var result = ChatProgram.Run(Question).ShouldSucceed();
        result.Output.ShouldBe("The capital of France is Paris.\n");
        result.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("The capital of France \n", "--stop", "is P", "--stop", "never said")]
    [InlineData("The capital of\n", "--max-tokens", "3")]
    public void An_answer_ends_where_the_options_say(string answer, params string[] options) =>
        ChatProgram.Run([.. options, Question]).ShouldSucceed().Output.ShouldBe(answer);

    [Fact]
    public void A_file_is_the_prompt_or_follows_it()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["question.txt"], Question + "\n");
        ChatProgram.Run("--max-tokens", "12", "--file", folder["question.txt"]).ShouldSucceed().Output.ShouldContain("Paris");
        ChatProgram.Run("--max-tokens", "12", "--file", folder["question.txt"], "Answer this question:").ShouldSucceed().Output.ShouldContain("Paris");
    }

    [Fact]
    public void The_same_seed_says_the_same_and_another_something_else()
    {
        var first = Story(1);
        Story(1).ShouldBe(first);
        Story(2).ShouldNotBe(first);
    }

    [Fact]
    public void Statistics_go_to_standard_error()
    {
        var result = ChatProgram.Run("--stats", "--threads", "1", "--kv", "int8", "--max-tokens", "4", Question).ShouldSucceed();
        result.Output.ShouldBe("The capital of France\n");
        foreach (var part in new[] { "first token", "tokens/s", "GB/s", "memory roof", "1 threads", "Int8", "MaxTokens" })
            result.Error.ShouldContain(part);
    }

    private static string Story(int seed) =>
        ChatProgram.Run("--temperature", "1.2", "--top-k", "50", "--top-p", "0.95", "--seed", $"{seed}", "--max-tokens", "8", "Tell me a story.").ShouldSucceed().Output;
}
