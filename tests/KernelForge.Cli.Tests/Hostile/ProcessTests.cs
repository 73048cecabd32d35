using KernelForge.Fuzz;

namespace KernelForge.Cli.Tests.Hostile;

/// <summary>The command as people start it: exit code, one message, nothing else.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData("truncated-data-last-byte.gguf")]
    [InlineData("template-recursion.gguf")]
    [InlineData("tokenizer-eos-1000.gguf")]
    [InlineData("weights-nan-scale-q4.gguf")]
    public void A_malformed_file_ends_it_with_one_message(string file)
    {
        var result = Inspect(Hostile(file));
        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBeEmpty();
        result.Error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith($"kforge: {Hostile(file)}: ");
    }

    [Fact]
    public void Weights_that_are_no_numbers_can_be_allowed() => Inspect(Hostile("weights-nan-scale-q4.gguf"), "--allow-non-finite").ShouldSucceed();

    [Fact]
    public void A_valid_file_and_a_valid_folder_are_shown()
    {
        Inspect(Hostile("ok-base-bpe.gguf")).ShouldSucceed().Output.ShouldContain("llama.block_count");
        Inspect(Path.Combine(FuzzTargets.Corpus, "folder")).ShouldSucceed().Output.ShouldContain("model.layers.0");
    }

    private static string Hostile(string file) => Path.Combine(AppContext.BaseDirectory, "Data", "hostile", file);

    private static CommandResult Inspect(params string[] arguments) =>
        Command.Run("dotnet", AppContext.BaseDirectory, [Path.Combine(Repository.Built("src/KernelForge.Cli"), "kforge.dll"), "inspect", .. arguments]);
}
