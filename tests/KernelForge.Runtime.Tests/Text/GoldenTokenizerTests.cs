using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KernelForge.Text;

namespace KernelForge.Runtime.Tests.Text;

/// <summary>The reference tokenizers' answers, Hugging Face's where the two differ.</summary>
public sealed class GoldenTokenizerTests
{
    public static TheoryData<string> Names => [.. GoldenTokenizer.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_becomes_the_reference_ids(string name)
    {
        var golden = GoldenTokenizer.Load(name);
        var wrong = new List<string>();
        foreach (var item in golden.Answers.GetProperty("cases").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;

            // Hugging Face finds phi-3's </s> in any text; here it ends an answer, so nobody can type it.
            var plain = (name == "phi-3" ? null : Ids(item, "ids_hf")) ?? Ids(item, "ids")!;
            var special = Ids(item, "ids_special_hf") ?? Ids(item, "ids_special") ?? Ids(item, "ids")!;
            Compare(golden.Tokenizer.Encode(text), plain, text, "plain", wrong);
            Compare(golden.Tokenizer.Encode(text, addSpecial: true, parseSpecial: true), special, text, "special", wrong);
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stream_emits_whole_characters_and_ends_at_the_text(string name)
    {
        var golden = GoldenTokenizer.Load(name);
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        if (name == "bert-bge")
            return;
        foreach (var stream in golden.Answers.GetProperty("streams").EnumerateArray())
        {
            var detokenizer = new StreamingDetokenizer(golden.Tokenizer);
            var text = new StringBuilder();
            var pieces = stream.GetProperty("pieces").EnumerateArray();
            foreach (var id in Ids(stream, "ids")!)
            {
                pieces.MoveNext();
                Convert.ToHexStringLower(golden.Tokenizer.GetBytes(id)).ShouldBe(pieces.Current.GetString());
                text.Append(strict.GetString(detokenizer.Add(id)));
            }

            detokenizer.Flush().Length.ShouldBe(0);
            text.ToString().ShouldBe(stream.GetProperty("detokenized").GetProperty("text").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Token_bytes_are_those_of_the_reference(string name)
    {
        var golden = GoldenTokenizer.Load(name);
        var tokenizer = golden.Tokenizer;
        foreach (var piece in golden.Answers.GetProperty("pieces").EnumerateObject())
        {
            var id = int.Parse(piece.Name, System.Globalization.CultureInfo.InvariantCulture);
            var shown = piece.Value[0].GetString();
            Convert.ToHexStringLower(tokenizer.GetBytes(id)).ShouldBe(shown);
            if (!IsOnlySpecialForLlamaCpp(name, id))
                tokenizer.IsControl(id).ShouldBe(piece.Value.GetArrayLength() == 2);
        }

        Blocks(tokenizer, id => tokenizer.GetBytes(id)).ShouldBe(Strings(golden.Answers, "pieces_blocks"));
        Blocks(tokenizer, id => tokenizer.IsControl(id) || IsOnlySpecialForLlamaCpp(name, id) ? default : tokenizer.GetBytes(id))
            .ShouldBe(Strings(golden.Answers, "pieces_plain_blocks"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_the_vocabulary_says_of_itself(string name)
    {
        var golden = GoldenTokenizer.Load(name);
        golden.Tokenizer.VocabularySize.ShouldBe(golden.Answers.GetProperty("n_vocab").GetInt32());
        golden.Tokenizer.BeginOfSequence.ShouldBe(golden.Answers.GetProperty("bos").GetInt32());
        golden.Tokenizer.EndOfSequence.ShouldBe(golden.Answers.GetProperty("eos").GetInt32());
        golden.Tokenizer.AddsBeginOfSequence.ShouldBe(golden.Answers.GetProperty("add_bos").GetBoolean());
        golden.Tokenizer.AddsEndOfSequence.ShouldBe(golden.Answers.GetProperty("add_eos").GetBoolean());
        if (golden.Tokenizer.EndOfSequence >= 0)
            golden.Tokenizer.IsEndOfGeneration(golden.Tokenizer.EndOfSequence).ShouldBeTrue();
    }

    /// <summary>llama.cpp takes qwen2's ordinary token <c>&lt;/s&gt;</c> for a control token; the model's own tokenizer does not.</summary>
    private static bool IsOnlySpecialForLlamaCpp(string name, int id) => name == "qwen2" && id == 128247;

    private delegate ReadOnlySpan<byte> BytesOf(int id);

    private static string[] Blocks(Tokenizer tokenizer, BytesOf bytesOf)
    {
        var blocks = new List<string>();
        for (var first = 0; first < tokenizer.VocabularySize; first += 1024)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var length = new byte[4];
            for (var id = first; id < Math.Min(first + 1024, tokenizer.VocabularySize); id++)
            {
                var bytes = bytesOf(id);
                BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
                hash.AppendData(length);
                hash.AppendData(bytes);
            }

            blocks.Add(Convert.ToHexStringLower(hash.GetHashAndReset())[..16]);
        }

        return [.. blocks];
    }

    private static void Compare(int[] found, int[] expected, string text, string how, List<string> wrong)
    {
        if (!found.SequenceEqual(expected))
            wrong.Add($"{how} {JsonSerializer.Serialize(text[..Math.Min(60, text.Length)])}: {string.Join(' ', found.Take(30))} instead of {string.Join(' ', expected.Take(30))}");
    }

    private static int[]? Ids(JsonElement item, string name) =>
        item.TryGetProperty(name, out var ids) ? [.. ids.EnumerateArray().Select(id => id.GetInt32())] : null;

    private static string[] Strings(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
}
