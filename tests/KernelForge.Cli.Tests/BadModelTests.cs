using KernelForge.Reference.RandomModels;

namespace KernelForge.Cli.Tests;

/// <summary>A model that is not one is refused by every command alike, and nothing is written.</summary>
[Collection("kforge")]
public class BadModelTests(Kforge kforge)
{
    private static readonly string[] Files = ["truncated-data-last-byte.gguf", "weights-missing-blk.0.attn_q.weight.gguf", "tensor-type-i32.gguf"];

    public static TheoryData<string> Commands => ["inspect", "emit", "pack", "run", "logits", "generate", "eval", "bench"];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_truncated_file_a_missing_tensor_and_an_unknown_type(string command)
    {
        foreach (var file in Files)
        {
            var output = kforge[$"bad-{command}-{file}.out"];
            var (code, _, error) = Kforge.Run(Arguments(command, Hostile(file), output));

            code.ShouldBe(1, file);
            error.ShouldContain(file);
            error.ShouldNotContain("   at ");
            error.ShouldNotContain("defect of kforge");
            Path.Exists(output).ShouldBeFalse(file);
        }
        Directory.GetFiles(kforge.Folder, "*.part").ShouldBeEmpty();
    }

    [Fact]
    public void A_folder_is_a_model_only_with_a_configuration()
    {
        kforge.Model("of-a-folder.gguf");
        var (code, _, error) = Kforge.Run("inspect", kforge.Folder);
        code.ShouldBe(1);
        error.ShouldContain(".gguf");
        error.ShouldContain("Name the file itself.");

        (code, _, error) = Kforge.Run("inspect", Directory.CreateDirectory(kforge["no-model"]).FullName);
        code.ShouldBe(1);
        error.ShouldContain("no such file in it");
    }

    [Theory]
    [InlineData("emit")]
    [InlineData("pack")]
    [InlineData("run")]
    [InlineData("logits")]
    [InlineData("generate")]
    [InlineData("eval")]
    [InlineData("bench")]
    [InlineData("describe")]
    [InlineData("tokenize")]
    public void A_folder_without_a_model_is_named(string command)
    {
        var (code, _, error) = Kforge.Run(Arguments(command, kforge.Folder, kforge[$"folder-{command}.out"]));
        code.ShouldBe(1);
        error.ShouldContain(kforge.Folder);
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("describe")]
    [InlineData("pack")]
    [InlineData("tokenize")]
    public void A_tokenizer_that_is_not_known_is_refused_by_all_that_meet_it(string command)
    {
        var output = kforge[$"rwkv-{command}.out"];
        var (code, _, error) = Kforge.Run(Arguments(command, WithTokenizer("rwkv"), output));
        code.ShouldBe(1);
        error.ShouldContain("rwkv");
        File.Exists(output).ShouldBeFalse();
    }

    [Fact]
    public void No_altered_byte_of_a_header_brings_a_command_down()
    {
        var model = RandomModel.Create(21).File;
        var random = new Random(3);
        for (var round = 0; round < 150; round++)
        {
            var altered = (byte[])model.Clone();
            altered[random.Next(4000)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(kforge["altered.gguf"], altered);

            var (_, _, error) = Kforge.Run("describe", kforge["altered.gguf"], "-o", kforge["altered.txt"]);
            error.ShouldNotContain("   at ", customMessage: $"round {round}");
            error.ShouldNotContain("defect of kforge", customMessage: $"round {round}");
        }
    }

    private static string Hostile(string file) => Path.Combine(AppContext.BaseDirectory, "Data", "hostile", file);

    private static string[] Arguments(string command, string model, string output) => command switch
    {
        "describe" or "pack" or "emit" => [command, model, "-o", output],
        "run" => [command, model, "-p", "a"],
        "logits" => [command, model, "--ids", "1", "--out", output],
        "generate" => [command, model, "--ids", "1"],
        "eval" => [command, model, "--text", Path.Combine(AppContext.BaseDirectory, "Data", "hostile", "manifest.json")],
        "tokenize" => [command, model, "a"],
        _ => [command, model],
    };

    // A name of as many letters in the place of the one that is there.
    private string WithTokenizer(string name)
    {
        var file = RandomModel.Create(21).File;
        var key = file.AsSpan().IndexOf("tokenizer.ggml.model"u8);
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(file, key + file.AsSpan(key).IndexOf("gpt2"u8));
        File.WriteAllBytes(kforge[$"{name}.gguf"], file);
        return kforge[$"{name}.gguf"];
    }
}
