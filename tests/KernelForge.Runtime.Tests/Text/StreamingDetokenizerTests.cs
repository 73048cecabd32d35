using System.Text;
using KernelForge.Text;

namespace KernelForge.Runtime.Tests.Text;

public sealed class StreamingDetokenizerTests
{
    private static readonly Tokenizer Tokenizer = GoldenTokenizer.Load("smollm2").Tokenizer;

    [Fact]
    public void A_character_comes_out_with_the_last_of_its_bytes()
    {
        var detokenizer = new StreamingDetokenizer(Tokenizer);
        var ids = Tokenizer.Encode("\U0001F30D");
        ids.Length.ShouldBeGreaterThan(1);
        for (var i = 0; i + 1 < ids.Length; i++)
            detokenizer.Add(ids[i]).Length.ShouldBe(0);
        Encoding.UTF8.GetString(detokenizer.Add(ids[^1])).ShouldBe("\U0001F30D");
    }

    [Fact]
    public void An_unfinished_character_ends_as_one_replacement_character()
    {
        var detokenizer = new StreamingDetokenizer(Tokenizer);
        var ids = Tokenizer.Encode("\U0001F30D");
        foreach (var id in ids[..^1])
            detokenizer.Add(id);
        Encoding.UTF8.GetString(detokenizer.Flush()).ShouldBe("\uFFFD");
        detokenizer.Flush().Length.ShouldBe(0);
    }

    [Fact]
    public void Bytes_that_cannot_become_a_character_do_not_hold_up_the_text()
    {
        var detokenizer = new StreamingDetokenizer(Tokenizer);
        detokenizer.Add(Tokenizer.Encode("\U0001F30D")[0]);
        Encoding.UTF8.GetString(detokenizer.Add(Tokenizer.Encode("Hello")[0])).ShouldBe("\uFFFDHello");
    }

    [Fact]
    public void Control_tokens_have_no_text_unless_asked_for()
    {
        new StreamingDetokenizer(Tokenizer).Add(2).Length.ShouldBe(0);
        Encoding.UTF8.GetString(new StreamingDetokenizer(Tokenizer, showControl: true).Add(2)).ShouldBe("<|im_end|>");
    }

    [Fact]
    public void Tokens_allocate_nothing()
    {
        var detokenizer = new StreamingDetokenizer(Tokenizer);
        var ids = Tokenizer.Encode("The lighthouse keeper had counted ships, \U0001F30D and \u4F60\u597D.");
        foreach (var id in ids)
            detokenizer.Add(id);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            foreach (var id in ids)
                detokenizer.Add(id);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
