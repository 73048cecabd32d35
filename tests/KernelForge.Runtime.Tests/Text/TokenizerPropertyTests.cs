using System.Text;
using KernelForge.Text;

namespace KernelForge.Runtime.Tests.Text;

/// <summary>What holds for every text: it comes back, and a stream of its tokens is whole characters that end at it.</summary>
public sealed class TokenizerPropertyTests
{
    private static readonly string[] Pieces =
    [
        " ", "  ", "\n", "\r\n", "\t", "a", "Hello", "don't", "1234", "\u00E9", "\u00FC\u00DF", "\u4F60\u597D", "\uD55C\uAE00", "\U0001F30D", "\U0001F468\u200D\U0001F469", "\u0928\u092E\u0938\u094D\u0924\u0947",
        "...", "!?", "<", "|>", "\u0000", "\u007F", "\u3000", "\u00A0", "=====",
    ];

    public static TheoryData<string> Names => ["gpt-2", "qwen2", "deepseek-coder", "phi-3"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_text_comes_back(string name)
    {
        var tokenizer = GoldenTokenizer.Load(name).Tokenizer;
        foreach (var text in Texts())
            tokenizer.Decode(tokenizer.Encode(text)).ShouldBe(text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stream_is_whole_characters_that_end_at_the_text(string name)
    {
        var tokenizer = GoldenTokenizer.Load(name).Tokenizer;
        var detokenizer = new StreamingDetokenizer(tokenizer);
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        foreach (var text in Texts())
        {
            var found = new StringBuilder();
            foreach (var id in tokenizer.Encode(text))
                found.Append(strict.GetString(detokenizer.Add(id)));
            detokenizer.Flush().Length.ShouldBe(0);
            found.ToString().ShouldBe(text);
        }
    }

    [Fact]
    public void Only_the_first_token_of_a_text_loses_its_space()
    {
        var tokenizer = GoldenTokenizer.Load("phi-3").Tokenizer;
        var ids = tokenizer.Encode("Hello world");
        tokenizer.Decode(ids).ShouldBe("Hello world");
        tokenizer.Decode(ids.AsSpan(1)).ShouldBe("world");
        var detokenizer = new StreamingDetokenizer(tokenizer);
        Encoding.UTF8.GetString(detokenizer.Add(tokenizer.BeginOfSequence)).ShouldBe("");
        Encoding.UTF8.GetString(detokenizer.Add(ids[0])).ShouldBe("Hello");
        Encoding.UTF8.GetString(detokenizer.Add(ids[1])).ShouldBe(" world");
    }

    private static IEnumerable<string> Texts()
    {
        var random = new Random(17);
        for (var trial = 0; trial < 200; trial++)
            yield return string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]));
    }
}
