using KernelForge.Formats.Gguf;
using KernelForge.Formats.Tokenizers;
using KernelForge.Text;

namespace KernelForge.Formats.Tests.Tokenizers;

/// <summary>A sound vocabulary is packed; every defect is an error that names the key.</summary>
public sealed unsafe class TokenizerSectionTests
{
    public static TheoryData<string, object?, string> Defects => new()
    {
        { "model", "no-such", "'no-such'" },
        { "model", "rwkv", "byte-level BPE" },
        { "model", 7u, "UInt32" },
        { "pre", "no-such", "supported are a.x-4.0, " },
        { "pre", null, "missing" },
        { "tokens", null, "missing" },
        { "tokens", new[] { 1u, 2u }, "UInt32" },
        { "tokens", Array.Empty<string>(), "empty" },
        { "tokens", new[] { "<|begin|>", "<|end|>", "a", "b", "c", "ab", "abc", "a" }, "tokens 2 and 7 are the same" },
        { "token_type", new[] { 3, 3, 1 }, "3 token types for 8 tokens" },
        { "token_type", new[] { 3, 3, 1, 1, 99, 1, 1, 1 }, "type 99" },
        { "token_type", new[] { 1f, 1f }, "Float32" },
        { "merges", null, "missing" },
        { "merges", new[] { "ab" }, "not two parts" },
        { "merges", new[] { "a " }, "not two parts" },
        { "merges", new[] { "a b c" }, "not two parts" },
        { "merges", new[] { "a x" }, "no token" },
        { "merges", new[] { "b c" }, "no token" },
        { "merges", new[] { "a b", "ab c", "a b" }, "twice" },
        { "scores", new[] { 0f, 0f }, "2 scores" },
        { "scores", new[] { 0f, 0f, float.NaN, 0f, 0f, 0f, 0f, 0f }, "token 2" },
        { "bos_token_id", 8u, "token id 8 in a vocabulary of 8" },
        { "bos_token_id", "1", "String" },
        { "eos_token_id", -2, "token id -2" },
        { "add_bos_token", "yes", "String" },
    };

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_defect_is_refused_and_named(string key, object? value, string expected)
    {
        var error = Should.Throw<ModelFormatException>(() => new VocabularyFile().With(key, value).Pack());
        error.Message.ShouldContain("tokenizer.ggml." + key);
        error.Message.ShouldContain(expected);
        error.Message.ShouldContain("vocabulary.gguf");
    }

    [Fact]
    public void A_sound_vocabulary_is_packed()
    {
        var section = new VocabularyFile().Pack()!;
        fixed (byte* start = section)
        {
            var tokenizer = new Tokenizer(start, section.Length);
            tokenizer.Encode("abcab", addSpecial: true).ShouldBe([0, 6, 5]);
            tokenizer.Encode("<|end|>ab", parseSpecial: true).ShouldBe([1, 5]);
            tokenizer.Encode("<|end|>ab").ShouldBe([5]);
            tokenizer.Find("ab"u8).ShouldBe(5);
            tokenizer.Find("<|end|>"u8).ShouldBe(1);
            tokenizer.Find("ba"u8).ShouldBe(-1);
            tokenizer.IsEndOfGeneration(1).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_file_without_a_tokenizer_has_no_section() => new VocabularyFile().WithNothing().Pack().ShouldBeNull();

    [Fact]
    public void A_vocabulary_that_does_not_say_its_kind_is_damaged() =>
        Should.Throw<ModelFormatException>(() => new VocabularyFile().With("model", null).Pack()).Key.ShouldBe("tokenizer.ggml.model");

    [Fact]
    public void The_same_file_gives_the_same_bytes() => new VocabularyFile().Pack().ShouldBe(new VocabularyFile().Pack());

    [SkippableFact]
    [Trait("Category", "Long")]
    public void Published_defects_are_refused()
    {
        var folder = Repository.Golden("hostile");
        foreach (var hostile in TestFiles.HostileCases(folder).Where(hostile => hostile is { Format: "gguf", Stage: "tokenizer" }))
        {
            Should.Throw<ModelFormatException>(() =>
            {
                using var file = GgufFile.Open(Path.Combine(folder, hostile.File));
                TokenizerSection.Write(file);
            }, hostile.Defect);
        }
    }
}
