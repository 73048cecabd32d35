using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using KernelForge.Formats.Tokenizers;
using KernelForge.Text;

namespace KernelForge.Formats.Tests.Tokenizers;

/// <summary>
/// Files of Hugging Face's tokenizers. Data/huggingface-tokenizers.json.gz holds small ones that use every component in turn, with the answers of
/// Hugging Face's tokenizers 0.22.2: ids with special tokens parsed, the same with those around a text, and the decoded text where it differs from the text.
/// </summary>
public sealed unsafe class TokenizerJsonTests
{
    private static readonly Lazy<JsonArray> Cases = new(static () =>
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", "huggingface-tokenizers.json.gz")), CompressionMode.Decompress);
        return JsonNode.Parse(file)!.AsArray();
    });

    public static TheoryData<string> Names => [.. Cases.Value.Select(item => (string)item!["name"]!)];

    public static TheoryData<string, string, string> Defects => new()
    {
        { "model.type", "\"WordLevel\"", "'WordLevel'" },
        { "model.vocab", "{\"a\":-1}", "token id" },
        { "model.vocab", "[]", "object" },
        { "model.merges", "[\"a b c\"]", "two parts" },
        { "model.merges", "[\"a q\"]", "no token" },
        { "model.dropout", "0.5", "dropout" },
        { "model.end_of_word_suffix", "\"</w>\"", "'</w>'" },
        { "normalizer", "{\"type\":\"Nonsense\"}", "'Nonsense'" },
        { "normalizer", "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"A\"}", "base 64" },
        { "normalizer", "{\"type\":\"Precompiled\",\"precompiled_charsmap\":[]}", "base 64" },
        { "normalizer", "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}", "too short" },
        { "normalizer", "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"CAAAAAAEAABhAAAA\"}", "out of itself" },
        { "pre_tokenizer", "{\"type\":\"UnicodeScripts\"}", "'UnicodeScripts'" },
        { "pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(?<=a)\"},\"behavior\":\"Isolated\",\"invert\":false}", "look behind" },
        { "pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":\"Sideways\",\"invert\":false}", "'Sideways'" },
        { "pre_tokenizer", "{\"type\":\"Metaspace\",\"replacement\":\"\"}", "one character" },
        { "decoder", "{\"type\":\"CTC\"}", "'CTC'" },
        { "decoder", "{\"type\":\"Metaspace\",\"replacement\":\"ab\"}", "one character" },
        { "decoder", "{\"type\":\"Replace\",\"pattern\":{\"String\":\"\"},\"content\":\" \"}", "is empty" },
        { "post_processor", "{\"type\":\"BertProcessing\",\"sep\":[\"x\",99],\"cls\":[\"y\",0]}", "99" },
        { "added_tokens", "[{\"id\":1}]", "missing" },
        { "added_tokens", "[{\"id\":99999999,\"content\":\"x\"}]", "larger" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_are_those_of_the_reference(string name)
    {
        var item = Cases.Value.First(item => (string)item!["name"]! == name)!;
        var wrong = new List<string>();
        Use(item["tokenizer"]!.ToJsonString(), tokenizer =>
        {
            foreach (var example in item["cases"]!.AsArray())
            {
                var text = (string)example!["text"]!;
                var ids = example["ids"].Deserialize<int[]>()!;
                var found = tokenizer.Encode(text, addSpecial: false, parseSpecial: true);
                if (!found.SequenceEqual(ids) || !tokenizer.Encode(text, addSpecial: true, parseSpecial: true).SequenceEqual(example["special"].Deserialize<int[]>()!))
                    wrong.Add($"{JsonSerializer.Serialize(text)}: {string.Join(' ', found)} instead of {string.Join(' ', ids)}");
                if (example["decoded"] is { } decoded && tokenizer.Decode(ids, showControl: true) != (string)decoded!)
                    wrong.Add($"{JsonSerializer.Serialize(text)} decoded: {tokenizer.Decode(ids, showControl: true)}");
            }
        });
        wrong.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Special_tokens_are_not_parsed_unless_asked(string name)
    {
        var item = Cases.Value.First(item => (string)item!["name"]! == name)!;
        Use(item["tokenizer"]!.ToJsonString(), tokenizer =>
        {
            // The unknown token also stands for characters that the vocabulary lacks.
            var specials = item["tokenizer"]!["added_tokens"]!.AsArray().Where(static added => (bool)added!["special"]! && (string)added["content"]! is not ("<unk>" or "[UNK]"));
            foreach (var added in specials)
                tokenizer.Encode($"a {added!["content"]} b{added["content"]}").ShouldNotContain((int)added["id"]!);
        });
    }

    [Theory]
    [MemberData(nameof(Defects))]
    public void What_is_wrong_or_not_supported_is_named(string path, string value, string expected)
    {
        var root = JsonNode.Parse("""{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]},"added_tokens":[]}""")!;
        var keys = path.Split('.');
        var parent = keys.Length == 1 ? root : root[keys[0]]!;
        parent[keys[^1]] = JsonNode.Parse(value);
        var error = Should.Throw<ModelFormatException>(() => Use(root.ToJsonString(), static _ => { }));
        error.Message.ShouldContain(expected);
        error.Message.ShouldContain(keys[0]);
        error.Message.ShouldContain("tokenizer.json");
    }

    [Fact]
    public void The_files_beside_it_name_what_begins_and_ends_a_text()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["tokenizer.json"], """
            {"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]},
             "added_tokens":[{"id":3,"content":"<s>","special":true},{"id":4,"content":"<end>","special":true},{"id":5,"content":"<turn>","special":true}]}
            """);
        File.WriteAllText(folder["tokenizer_config.json"], """{"bos_token":"<s>","eos_token":{"content":"<end>"}}""");
        File.WriteAllText(folder["generation_config.json"], """{"eos_token_id":[4,5]}""");
        var section = TokenizerSection.WriteFolder(Path.GetDirectoryName(folder["tokenizer.json"])!)!;
        fixed (byte* start = section)
        {
            var tokenizer = new Tokenizer(start, section.Length);
            tokenizer.BeginOfSequence.ShouldBe(3);
            tokenizer.EndOfSequence.ShouldBe(4);
            tokenizer.IsEndOfGeneration(5).ShouldBeTrue();
            tokenizer.IsEndOfGeneration(3).ShouldBeFalse();
            tokenizer.Encode("ab<turn>", parseSpecial: true).ShouldBe([2, 5]);
        }
    }

    [Fact]
    public void A_folder_without_a_tokenizer_has_no_section()
    {
        using var folder = new ScratchFolder();
        TokenizerSection.WriteFolder(Path.GetDirectoryName(folder["x"])!).ShouldBeNull();
    }

    private static void Use(string json, Action<Tokenizer> use)
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["tokenizer.json"], json);
        var section = TokenizerSection.WriteJson(folder["tokenizer.json"]);
        fixed (byte* start = section)
            use(new Tokenizer(start, section.Length));
    }
}
